"""What becomes of a candidate: the rows of the tables of `judge`, `follow_proof`, `take_in` and `obey`."""

import json
from typing import Any

import pytest

from noria.api import Model
from noria.api.condition import find_condition
from noria.contract import ORDER, ExitCode, ProveOrder, ProveReport, replaced
from unit.operator.promotion import (
    AWAY,
    BETTER,
    NOT_WORSE,
    OPEN,
    OTHER,
    UNWATCHED,
    WORSE,
    annotate,
    deployed,
    part,
    proven,
    report,
    retrained,
    verdicts,
    version,
    world_of,
)
from unit.operator.serving import best
from unit.operator.world import NOW, World, make, model


def order_of(world: World, name: str) -> ProveOrder:
    """The order of a Job."""
    (container,) = world.jobs[world.job(name)]["spec"]["template"]["spec"]["containers"]
    order = ORDER.validate_json(next(each["value"] for each in container["env"] if each["name"] == "NORIA_ORDER"))
    assert isinstance(order, ProveOrder)
    return order


def test_the_first_version_is_served_without_a_proof() -> None:
    world = world_of()
    assert verdicts(world) == {1: "Promoted FirstVersion"}
    assert (deployed(world), world.jobs, world.object.status.candidate) == (1, {}, None)
    assert version(world, 1).verdict.by == "policy"  # type: ignore[union-attr]  # it is set


def test_a_later_success_waits_for_its_proof() -> None:
    world = retrained(world_of(confidencePercent=90, marginPercent=5), 2)
    candidate = world.object.status.candidate
    assert (candidate.version, candidate.reason) == (2, "Proving")
    assert candidate.message == "version 2 is being compared with version 1"
    assert (deployed(world), verdicts(world), world.reason) == (1, {1: "Promoted FirstVersion"}, "Serving")
    order = order_of(world, "prove-2")
    assert (order.policy, order.confidence_percent, order.margin_percent) == ("NotWorse", 90, 5)
    assert (order.candidate.version, order.served.version, order.anchor) == (2, 1, None)
    assert order.candidate.revision == "s3://noria/datasets/shop/clothes/rev2/"
    assert order.destination == "s3://noria/proofs/shop/clothes/uid-clothes/2/"
    assert order.report == f"{order.destination}report.json"


@pytest.mark.parametrize(
    ("policy", "found", "serves", "verdict", "event"),
    [
        pytest.param("NotWorse", BETTER, 2, "Promoted Better", "Normal Promoted", id="better"),
        pytest.param("NotWorse", NOT_WORSE, 2, "Promoted NotWorse", "Normal Promoted", id="not worse"),
        pytest.param("Better", WORSE, 1, "Rejected Worse", "Warning Rejected", id="worse"),
        pytest.param("Better", OPEN, 1, "Inconclusive TooFewExamples", "Warning Inconclusive", id="undecided"),
    ],
)
def test_a_proof_decides(policy: str, found: ProveReport, serves: int, verdict: str, event: str) -> None:
    world = proven(retrained(world_of(policy=policy), 2), 2, found)
    assert (deployed(world), world.object.status.served, verdicts(world)[2]) == (serves, serves, verdict)
    assert world.object.status.candidate is None
    assert world.events.count(event) == 1 + (event == "Normal Promoted")  # the first version's
    kept = version(world, 2).verdict
    assert kept is not None
    assert (kept.gain, kept.report_uri, kept.by) == (
        "-0.03" if found is WORSE else "0.002",
        "s3://noria/p.json",
        "policy",
    )
    by_hand = "kubectl annotate models.noria.dev clothes --namespace shop --overwrite noria.dev/promote=2"
    assert (by_hand in kept.message) == (serves == 1)
    assert found.message in kept.message


def test_figures_are_decimal_numbers_without_an_exponent() -> None:
    found = report(OPEN.result, OPEN.reason, gain=0.0000123456, low=-1234567.0, high=-0.0)
    kept = version(proven(retrained(world_of(), 2), 2, found), 2).verdict
    assert kept is not None
    assert (kept.gain, kept.interval) == ("0.00001235", ("-1235000", "0"))


def test_what_is_decided_is_not_decided_again_and_costs_nothing() -> None:
    world = proven(retrained(world_of(), 2), 2, WORSE)
    writes, created = world.status_writes, list(world.created)
    world.after(10**6)
    assert (world.status_writes, world.created) == (writes, created)
    del world.jobs[world.job("prove-2")]
    world.settle()
    assert (world.status_writes, world.created) == (writes, created)


def test_a_rejected_success_is_not_taken_in_again_when_the_source_names_it_again() -> None:
    world = proven(retrained(world_of(), 2), 2, WORSE)
    for run in (3, 2):
        retrained(world, run)
    assert [each.version for each in world.object.status.versions] == [1, 2, 3]
    assert deployed(world) == 1


def test_a_rejected_success_stays_rejected_when_the_same_bytes_lie_elsewhere() -> None:
    world = proven(retrained(world_of(), 2), 2, WORSE)
    rejected = world.object.status.versions[-1].artifact
    world.training_job = best(3, artifact=replaced(rejected, uri="s3://noria/again.tar"))
    world.settle()
    assert [each.version for each in world.object.status.versions] == [1, 2]


def test_a_cache_that_lags_behind_makes_an_older_success_no_new_version() -> None:
    world = retrained(retrained(world_of(policy="Always"), 2), 3)
    retrained(world, 2)
    assert (deployed(world), len(world.object.status.versions)) == (3, 3)
    assert deployed(retrained(world, 4)) == 4


def test_always_asks_for_nothing() -> None:
    world = retrained(world_of(policy="Always"), 2)
    assert (deployed(world), verdicts(world)[2], world.created) == (2, "Promoted PolicyAlways", [])


def test_an_artifact_in_the_spec_is_a_persons_choice() -> None:
    world = retrained(world_of(), 2)
    world.change(source={"artifact": {"uri": "s3://noria/mine.tar", "digest": "sha256:" + "b" * 64}})
    world.training_job = None
    world.settle()
    assert (deployed(world), verdicts(world)[3]) == (3, "Promoted SourceArtifact")
    assert verdicts(world)[2] == "Inconclusive Superseded"
    assert world.jobs == {}


@pytest.mark.parametrize(
    ("promotion", "found", "words"),
    [
        pytest.param({"policy": "Approve"}, BETTER, BETTER.message, id="the policy"),
        pytest.param({}, OTHER, "class dog is gone", id="differences"),
        pytest.param({"policy": "Better"}, OTHER, "class dog is gone", id="differences, whatever the policy"),
    ],
)
@pytest.mark.parametrize("word", ["promote", "reject"])
def test_a_person_decides(promotion: dict[str, Any], found: ProveReport, words: str, word: str) -> None:
    world = proven(retrained(world_of(**promotion), 2), 2, found)
    candidate = world.object.status.candidate
    assert (candidate.version, candidate.reason, deployed(world)) == (2, "ApprovalWanted", 1)
    assert words in candidate.message
    assert "noria.dev/promote=2" in candidate.message
    assert world.events[-1] == "Warning ApprovalWanted"
    annotate(world, **{word: "2"}).settle()
    is_promoted = word == "promote"
    assert deployed(world) == (2 if is_promoted else 1)
    assert verdicts(world)[2] == f"{'Promoted' if is_promoted else 'Rejected'} ByPerson"
    kept = version(world, 2).verdict
    assert kept is not None
    assert (kept.by, kept.gain, world.object.status.candidate) == ("alice", "0.002", None)


def test_what_approval_waits_for_is_no_longer_wanted_once_the_policy_is_another() -> None:
    world = proven(retrained(world_of(policy="Approve"), 2), 2, NOT_WORSE)
    world.change(promotion={"policy": "NotWorse", **UNWATCHED})
    world.settle()
    assert part(world, 2) == "prove-2-1"
    assert order_of(world, "prove-2-1").report.endswith("/2/report-1.json")
    assert deployed(proven(world, 2, NOT_WORSE)) == 2


def test_a_newer_success_takes_the_place_of_a_pending_one() -> None:
    world = retrained(retrained(world_of(), 2), 3)
    assert verdicts(world)[2] == "Inconclusive Superseded"
    assert world.events[-1] == "Normal Superseded"
    assert world.object.status.candidate.version == 3
    assert world.parts == ["prove-3"]


def test_another_version_to_be_compared_with_starts_the_proof_again() -> None:
    world = proven(retrained(world_of(), 2), 2, OPEN)
    retrained(world, 3)
    annotate(world, promote="2").settle()
    assert part(world, 3) == "prove-3-1"
    assert order_of(world, "prove-3-1").served.version == 2
    assert world.parts == ["prove-3-1"]


def test_losses_do_not_add_up() -> None:
    world = world_of()
    for run, found in ((2, BETTER), (3, NOT_WORSE), (4, NOT_WORSE)):
        proven(retrained(world, run), run, found)
    retrained(world, 5)
    order = order_of(world, "prove-5")
    assert (order.served.version, order.anchor and order.anchor.version) == (4, 2)


def test_a_person_who_promotes_sets_what_later_versions_are_held_to() -> None:
    world = proven(retrained(world_of(), 2), 2, WORSE)
    annotate(world, promote="2").settle()
    assert order_of(retrained(world, 3), "prove-3").anchor is None


def test_versions_from_before_verdicts_count_as_promoted() -> None:
    world = world_of()
    old = version(world, 1).model_copy(update={"verdict": None, "promoted_at": None, "is_anchor": False})
    world.object = world.object.model_copy(
        update={"status": world.object.status.model_copy(update={"versions": (old,)})}
    )
    proven(retrained(world, 2), 2, NOT_WORSE)
    assert deployed(world) == 2
    order = order_of(retrained(world, 3), "prove-3")
    assert (order.served.version, order.anchor and order.anchor.version) == (2, 1)


UNKNOWN: dict[str, Any] = {"revision": None, "dataset": None, "task": None, "metric": None}


def test_what_older_operators_did_not_record_is_filled_in() -> None:
    world = World(model(), training_job=best(**UNKNOWN))
    world.settle()
    assert version(world, 1).revision is None
    retrained(world, 1)
    assert version(world, 1).revision == "rev1"
    assert len(world.object.status.versions) == 1


def test_what_cannot_be_compared_is_a_persons_decision() -> None:
    world = World(model(promotion=UNWATCHED), training_job=best(**UNKNOWN))
    world.settle()
    retrained(world, 2)
    candidate = world.object.status.candidate
    assert (candidate.reason, world.jobs) == ("ApprovalWanted", {})
    assert "not known what version 2 or version 1 was trained on" in candidate.message
    assert deployed(annotate_and_settle(world, promote="2")) == 2


def annotate_and_settle(world: World, **values: Any) -> World:
    annotate(world, **values).settle()
    return world


def test_a_candidate_is_compared_with_what_answers_where_the_promoted_version_cannot_be_loaded() -> None:
    world = world_of()
    world.broken.add(2)
    proven(retrained(world, 2), 2, BETTER)
    assert (deployed(world), world.object.status.served, world.reason) == (2, 1, "CandidateFailed")
    assert order_of(retrained(world, 3), "prove-3").served.version == 1


class TestAProofThatFails:
    """Rows of `follow_proof`."""

    def test_is_retried_for_as_long_as_the_cluster_prevents_it(self) -> None:
        world = retrained(world_of(), 2)
        for attempt in range(5):
            assert part(world, 2) == ("prove-2" if attempt == 0 else f"prove-2-{attempt}")
            world.ends(part(world, 2), AWAY, ExitCode.UNAVAILABLE, reason="Error")
            world.settle()
            candidate = world.object.status.candidate
            assert (candidate.reason, deployed(world)) == ("ProveFailed", 1)
            assert "no route to the store" in candidate.message
            world.after(600)
        assert world.events.count("Warning ProveFailed") == 1
        assert deployed(proven(world, 2, BETTER)) == 2

    def test_is_given_up_when_it_crashes_three_times(self) -> None:
        world = retrained(world_of(), 2)
        for _ in range(3):
            world.ends(part(world, 2), "Traceback", 1, reason="Error")
            world.after(600)
        assert (verdicts(world)[2], deployed(world)) == ("Inconclusive ProveFailed", 1)
        kept = version(world, 2).verdict
        assert kept is not None
        assert "Traceback" in kept.message
        assert "noria.dev/promote=2" in kept.message

    def test_is_given_up_at_once_for_what_no_retry_can_mend(self) -> None:
        world = retrained(world_of(), 2)
        world.ends("prove-2", AWAY, ExitCode.BAD_DATA, reason="Error")
        world.settle()
        assert verdicts(world)[2] == "Inconclusive ProveFailed"

    def test_leaves_the_decision_to_who_has_it_anyway(self) -> None:
        world = retrained(world_of(policy="Approve"), 2)
        world.ends("prove-2", AWAY, ExitCode.BAD_DATA, reason="Error")
        world.settle()
        assert world.object.status.candidate.reason == "ApprovalWanted"
        assert "no route to the store" in world.object.status.candidate.message

    def test_that_cannot_start_says_why_and_serves_on(self) -> None:
        world = retrained(world_of(), 2)
        world.refusals[world.job("prove-2")] = "exceeded quota: cpu"
        world.settle()
        candidate = world.object.status.candidate
        assert (candidate.reason, world.reason) == ("WaitingForPod", "Serving")
        assert "exceeded quota: cpu: request less" in candidate.message

    def test_that_is_rejected_is_no_failure_of_what_serves(self) -> None:
        world = world_of()
        world.training_job = best(2)
        world.act()
        name = world.job("prove-2")
        world.remove(name)
        world.rejections[name] = "spec: Invalid value"
        decision = world.decide()
        assert decision.status.candidate.reason == "Rejected"
        ready = find_condition(decision.status.conditions, "Ready")
        assert ready is not None
        assert ready.reason == "Serving"

    def test_whose_image_was_wrong_gets_the_one_that_is_right(self) -> None:
        world = retrained(world_of(), 2)
        waiting = {"reason": "ErrImagePull", "message": "no such image"}
        world.pod("prove-2", phase="Pending", containerStatuses=[{"name": "prove", "state": {"waiting": waiting}}])
        world.settle()
        assert world.object.status.candidate.reason == "WaitingForPod"
        world.settings = type(world.settings)(trainer_image="noria/trainer:2", server_image="noria/server:1")
        world.settle()
        (container,) = world.jobs[world.job("prove-2")]["spec"]["template"]["spec"]["containers"]
        assert container["image"] == "noria/trainer:2"


def condition(world: World, type: str) -> str:
    """The message of a condition; empty where there is none."""
    found = find_condition(world.object.status.conditions, type)
    return found.message if found else ""


def three() -> World:
    """A Model that serves version 3 after 1, while 2 was rejected."""
    world = proven(retrained(world_of(), 2), 2, WORSE)
    return proven(retrained(world, 3), 3, BETTER)


class TestAnnotations:
    """Rows of `obey`."""

    def test_serve_rolls_back_until_it_is_removed(self) -> None:
        world = annotate_and_settle(three(), serve="1")
        assert (deployed(world), world.object.status.pinned) == (1, 1)
        assert condition(world, "Pinned").startswith("version 1 was chosen by alice")
        proven(retrained(world, 4), 4, BETTER)
        assert (verdicts(world)[4], deployed(world)) == ("Promoted Better", 1)
        annotate_and_settle(world, serve=None)
        assert (deployed(world), condition(world, "Pinned")) == (4, "")

    def test_a_person_who_promotes_a_newer_version_ends_a_pin_that_stays_in_git(self) -> None:
        world = annotate_and_settle(three(), serve="1")
        proven(retrained(world, 4), 4, WORSE)
        annotate_and_settle(world, promote="4")
        assert (deployed(world), condition(world, "Pinned")) == (4, "")
        proven(retrained(world, 5), 5, BETTER)
        assert deployed(world) == 5

    def test_promoting_an_older_version_than_the_pinned_one_leaves_the_pin(self) -> None:
        world = annotate_and_settle(three(), serve="3")
        annotate_and_settle(world, promote="2")
        assert deployed(world) == 3
        assert deployed(annotate_and_settle(world, serve=None)) == 2

    def test_an_annotation_that_stays_is_obeyed_once(self) -> None:
        world = annotate_and_settle(three(), promote="2", reject="3")
        assert (deployed(world), verdicts(world)[3]) == (2, "Rejected ByPerson")
        proven(retrained(world, 4), 4, BETTER)
        assert deployed(world) == 4
        annotate_and_settle(world, reject="4")
        assert deployed(world) == 2
        writes = world.status_writes
        world.settle()
        assert world.status_writes == writes

    def test_the_same_is_asked_again_with_a_text_behind_the_number(self) -> None:
        world = annotate_and_settle(three(), promote="2")
        annotate_and_settle(world, reject="2")
        assert deployed(world) == 3
        assert deployed(annotate_and_settle(world, promote="2@again")) == 2

    def test_a_long_text_behind_the_number_is_told_from_another(self) -> None:
        world = annotate_and_settle(three(), promote=f"2@{'why ' * 50}one")
        assert deployed(annotate_and_settle(world, promote=f"3@{'why ' * 50}two")) == 3
        assert deployed(annotate_and_settle(world, promote=f"2@{'why ' * 50}one")) == 2
        assert deployed(annotate_and_settle(world, promote=f"2@{'why ' * 50}one", reject=f"2@{'x' * 99}")) == 3
        assert deployed(annotate_and_settle(world, promote=f"2@{'why ' * 50}two")) == 2

    def test_a_rejected_version_can_be_promoted_by_a_person_alone(self) -> None:
        world = annotate_and_settle(three(), serve="2")
        assert deployed(world) == 3
        assert "version 2 is rejected: promote it instead" in condition(world, "DecisionRefused")
        assert deployed(annotate_and_settle(world, promote="2")) == 2

    def test_what_serves_is_rejected_and_the_one_before_takes_its_place(self) -> None:
        world = annotate_and_settle(three(), reject="3")
        assert (deployed(world), verdicts(world)[3]) == (1, "Rejected ByPerson")

    def test_rejecting_a_pinned_version_unpins_it(self) -> None:
        world = annotate_and_settle(three(), serve="1")
        annotate_and_settle(world, reject="1")
        assert (deployed(world), world.object.status.pinned) == (3, None)

    @pytest.mark.parametrize(
        ("word", "value", "words"),
        [
            ("promote", "9", "there is no version 9; known are 1, 2"),
            ("serve", "latest", "write the number of a version, e.g. 2"),
            ("reject", "", "write the number of a version"),
            ("promote", "2.0", "write the number of a version"),
            ("promote", "٣", "write the number of a version"),
            ("promote", "2\x1b[31m" * 9000, "write the number of a version"),
            ("reject", "1", "version 1 is the only one that can be served"),
            ("serve", "2", "version 2 is a candidate: promote it instead"),
        ],
    )
    def test_what_cannot_be_done_is_refused_in_words_and_breaks_nothing(
        self, word: str, value: str, words: str
    ) -> None:
        world = retrained(world_of(), 2)
        annotate_and_settle(world, **{word: value})
        assert words in condition(world, "DecisionRefused")
        assert world.events[-1] == "Warning DecisionRefused"
        assert world.events.count("Warning DecisionRefused") == 1
        assert (deployed(world), world.reason) == (1, "Serving")
        assert condition(annotate_and_settle(world, **{word: None}), "DecisionRefused") == ""
        assert deployed(proven(world, 2, BETTER)) == 2

    def test_who_decided_is_somebody_where_nobody_says(self) -> None:
        world = retrained(world_of(), 2)
        metadata = world.object.metadata.model_copy(update={"annotations": {"noria.dev/promote": "2"}})
        world.object = world.object.model_copy(update={"metadata": metadata})
        world.settle()
        kept = version(world, 2).verdict
        assert kept is not None
        assert kept.by == "somebody"

    def test_a_decision_on_a_model_that_serves_nothing_yet(self) -> None:
        world = annotate(World(model(), training_job=None), serve="1")
        world.settle()
        assert "there are no versions yet" in condition(world, "DecisionRefused")
        assert world.reason == "TrainingJobNotFound"


def test_the_versions_that_matter_are_kept_whatever_is_rejected() -> None:
    world = world_of()
    for run, found in ((2, BETTER), (3, NOT_WORSE), (4, NOT_WORSE), (5, NOT_WORSE)):
        proven(retrained(world, run), run, found)
    annotate_and_settle(world, serve="1")
    for run in range(6, 26):
        proven(retrained(world, run), run, WORSE)
    kept = [each.version for each in world.object.status.versions]
    assert kept == [1, 2, 3, 4, 5, 21, 22, 23, 24, 25]
    assert deployed(annotate_and_settle(world, serve=None)) == 5


def test_a_promotion_is_later_than_the_one_before_whatever_the_clock_says() -> None:
    world = world_of(policy="Always")
    world.now = NOW.replace(hour=3)
    assert deployed(retrained(world, 2)) == 2


def test_the_spec_says_what_decides_where_nothing_is_given() -> None:
    promotion = make(Model, "m", {"source": {"trainingJobRef": {"name": "t"}}}).spec.promotion
    assert json.loads(promotion.model_dump_json(by_alias=True)) == {
        "policy": "NotWorse",
        "confidencePercent": 95,
        "marginPercent": 10,
        "watch": {"duration": "30m", "minRequests": 200},
    }
