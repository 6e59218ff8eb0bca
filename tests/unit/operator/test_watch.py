"""What follows a promotion: the one before goes on until it is known, and serves again where the new one does worse."""

from datetime import timedelta
from typing import Any

import pytest

from noria.contract import ORDER, ORDER_VARIABLE, FailureReport, WatchOrder
from noria.resources.manifest import manifest
from noria.resources.service import pods_host, pods_service, service
from unit.operator.promotion import (
    BETTER,
    BREACHED,
    KEPT,
    NOT_WORSE,
    UNASKED,
    WORSE,
    annotate,
    begin_watch,
    deployed,
    end_watch,
    proven,
    retrained,
    verdicts,
    version,
    watch_job,
    world_of,
)
from unit.operator.world import NOW, SETTINGS, World, model, text

HALF_AN_HOUR = {"duration": "30m", "minRequests": 200}


def promoted(**watch: Any) -> World:
    """A Model whose second version has just been promoted."""
    world = world_of(watch=HALF_AN_HOUR | watch)
    return proven(retrained(world, 2), 2, BETTER)


def watched(**watch: Any) -> World:
    """The same, when it is known how the first version has served."""
    world = promoted(**watch)
    begin_watch(world)
    world.settle()
    return world


def ended(report: Any, code: int = 0) -> World:
    """The same, when the watch has ended so."""
    world = watched()
    world.ends(watch_job(world), report, code)
    world.settle()
    return world


def state(world: World) -> str:
    """How far the watch is."""
    return str(world.object.status.watch.state)


def told(world: World, reason: str) -> str:
    """The type of the one event of this reason."""
    (event,) = [event for event in world.events if event.endswith(f" {reason}")]
    return event.partition(" ")[0]


def test_the_version_before_goes_on_until_it_is_known_how_it_has_served() -> None:
    world = promoted()
    assert (deployed(world), state(world)) == (1, "Starting")
    assert world.requeue == 60
    begin_watch(world)
    world.settle()
    assert (deployed(world), state(world)) == (2, "Watching")
    assert world.object.status.watch.message == "version 2 is watched beside version 1 for 30m"


def test_it_goes_on_for_a_minute_at_most() -> None:
    world = promoted()
    world.after(59)
    assert deployed(world) == 1
    world.after(1)
    assert (deployed(world), state(world)) == (2, "Watching")


def test_what_the_watch_is_ordered() -> None:
    world = promoted(duration="45m", minRequests=50)
    (container,) = world.jobs[world.job(watch_job(world))]["spec"]["template"]["spec"]["containers"]
    (given,) = [each["value"] for each in container["env"] if each["name"] == ORDER_VARIABLE]
    order = ORDER.validate_json(given)
    assert isinstance(order, WatchOrder)
    assert (order.model, order.version, order.before) == ("clothes", 2, 1)
    assert (order.duration_seconds, order.min_requests) == (2700, 50)
    assert order.host == pods_host(world.object, SETTINGS)
    assert order.report == f"{order.destination}report.json"
    assert container["readinessProbe"]["exec"]["command"] == ["test", "-f", "/scratch/ready"]
    body = world.jobs[world.job(watch_job(world))]["spec"]
    assert body["template"]["spec"]["activeDeadlineSeconds"] == 2700 + 900 + 600


def test_the_pods_have_a_name_without_an_address_of_its_own() -> None:
    pods, usual = manifest(pods_service(model())), manifest(service(model()))
    assert pods["spec"]["clusterIP"] == "None"
    assert pods["spec"]["selector"] == usual["spec"]["selector"]
    assert pods_host(model(), SETTINGS) == f"{pods['metadata']['name']}.shop.svc.cluster.local"


@pytest.mark.parametrize(
    ("report", "word"),
    [pytest.param(KEPT, "Kept", id="kept"), pytest.param(UNASKED, "WatchInconclusive", id="unasked")],
)
def test_a_version_that_does_well_or_is_not_asked_stays(report: Any, word: str) -> None:
    world = ended(report)
    assert (deployed(world), state(world), told(world, word)) == (2, word, "Normal")
    assert world.object.status.watch.message == report.message
    writes = world.status_writes
    world.after(86400)
    assert (world.status_writes, watch_job(world)) == (writes, "")


def test_a_version_that_does_worse_is_rolled_back_at_once() -> None:
    world = watched()
    end_watch(world, BREACHED)
    world.act()
    assert deployed(world) == 1, "in the reconcile that sees the report"
    world.settle()
    verdict = version(world, 2).verdict
    assert verdict is not None
    assert (verdict.result, verdict.reason, verdict.by) == ("Rejected", "RolledBack", "policy")
    assert "version 2 was rolled back: version 2: 25 of 50 requests failed" in verdict.message
    assert "noria.dev/promote=2" in verdict.message
    assert told(world, "RolledBack") == "Warning"
    assert not [event for event in world.events if event.endswith(" Breached")]
    assert (state(world), watch_job(world)) == ("Breached", "")


def test_a_version_that_was_rolled_back_is_promoted_by_a_person_alone_and_watched_again() -> None:
    world = ended(BREACHED)
    retrained(world, 2)
    assert (deployed(world), verdicts(world)[2]) == (1, "Rejected RolledBack")
    world.after(5)
    annotate(world, promote="2").settle()
    assert state(world) == "Starting"
    begin_watch(world)
    world.settle()
    end_watch(world, KEPT)
    world.settle()
    assert (deployed(world), verdicts(world)[2], state(world)) == (2, "Promoted ByPerson", "Kept")


def test_the_next_version_is_held_to_what_came_before_the_one_that_was_rolled_back() -> None:
    world = ended(BREACHED)
    proven(retrained(world, 3), 3, NOT_WORSE)
    assert world.object.status.watch.before == 1


@pytest.mark.parametrize(
    ("report", "code", "words"),
    [
        pytest.param(FailureReport(reason="BadOrder", message="no such field"), 64, "no such field", id="bad order"),
        pytest.param("Traceback", 1, "Traceback", id="it crashes"),
        pytest.param(BETTER, 0, "check that its image is of this version", id="an image of another version"),
    ],
)
def test_a_watch_that_fails_keeps_the_version(report: Any, code: int, words: str) -> None:
    world = ended(report, code)
    assert (deployed(world), state(world)) == (2, "WatchInconclusive")
    assert words in world.object.status.watch.message


def test_a_watch_whose_pod_never_starts_ends_some_time() -> None:
    world = promoted()
    full = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available: 1 Insufficient cpu."}
    world.pod(watch_job(world), phase="Pending", conditions=[full])
    world.after(60)
    assert (deployed(world), state(world)) == (2, "Watching")
    world.after(3 * 3600)
    assert (deployed(world), state(world), watch_job(world)) == (2, "WatchInconclusive", "")
    assert "Insufficient cpu" in world.object.status.watch.message


def test_a_report_that_was_lost_with_its_pod_is_asked_for_again() -> None:
    world = watched()
    end_watch(world, BREACHED)
    world.pods.clear()
    world.after(60)
    assert watch_job(world), "created again: it answers from the stored report"
    end_watch(world, BREACHED)
    world.settle()
    assert deployed(world) == 1


@pytest.mark.parametrize(
    "promotion",
    [
        pytest.param({"watch": {"duration": "0s"}}, id="the spec wants none"),
        pytest.param({"policy": "Always", "watch": {"duration": "0s"}}, id="nor by policy Always"),
    ],
)
def test_no_watch_is_wanted(promotion: dict[str, Any]) -> None:
    world = world_of(**promotion)
    retrained(world, 2)
    if world.object.status.candidate:
        proven(world, 2, BETTER)
    assert (deployed(world), world.object.status.watch) == (2, None)
    assert [key for key in world.applied if key.startswith("Service")] == ["Service"]


def test_the_first_version_and_a_rejected_one_are_not_watched() -> None:
    world = world_of(watch=HALF_AN_HOUR)
    proven(retrained(world, 2), 2, WORSE)
    assert (deployed(world), world.object.status.watch) == (1, None)


def test_policy_always_is_watched_as_well() -> None:
    world = retrained(world_of(policy="Always", watch=HALF_AN_HOUR), 2)
    begin_watch(world)
    world.settle()
    assert deployed(world) == 2
    end_watch(world, BREACHED)
    world.settle()
    assert deployed(world) == 1


def test_an_artifact_in_the_spec_is_a_persons_choice() -> None:
    artifacts = [{"uri": f"s3://theirs/{n}.tar", "digest": f"sha256:{n * 64}"} for n in ("a", "b")]
    world = World(model(source={"artifact": artifacts[0]}))
    world.settle()
    world.change(source={"artifact": artifacts[1]})
    world.settle()
    assert (deployed(world), world.object.status.watch) == (2, None)


def test_a_version_that_a_person_pins_is_not_watched_and_ends_a_watch() -> None:
    world = promoted()
    annotate(world, serve="2").settle()
    assert (deployed(world), state(world), watch_job(world)) == (2, "WatchInconclusive", "")
    annotate(world, serve="1").settle()
    assert deployed(world) == 1
    annotate(world, serve=None).settle()
    assert (deployed(world), state(world)) == (2, "WatchInconclusive")


def test_a_person_who_rejects_the_watched_version_ends_the_watch() -> None:
    world = watched()
    annotate(world, reject="2").settle()
    assert (deployed(world), state(world), watch_job(world)) == (1, "WatchInconclusive", "")
    assert verdicts(world)[2] == "Rejected ByPerson"


def test_a_newer_promotion_is_watched_in_place_of_the_one_under_way() -> None:
    world = watched()
    world.now += timedelta(seconds=100)
    proven(retrained(world, 3), 3, NOT_WORSE)
    found = world.object.status.watch
    assert (found.version, found.before, str(found.state)) == (3, 2, "Starting")
    assert [part for part in world.parts if part.startswith("watch-")] == [watch_job(world)]
    begin_watch(world)
    world.settle()
    end_watch(world, BREACHED)
    world.settle()
    assert deployed(world) == 2


def test_each_promotion_of_a_version_has_a_watch_of_its_own() -> None:
    world = ended(BREACHED)
    first = world.object.status.watch.promoted_at
    assert first == text(NOW + timedelta(seconds=1))
    annotate(world, promote="2").settle()
    assert world.object.status.watch.promoted_at > first
    assert watch_job(world)
