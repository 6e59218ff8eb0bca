"""A Model whose TrainingJob succeeds again, for the tests of what becomes of its candidates."""

from typing import Any

from noria.api.model import VersionStatus
from noria.api.promotion import DECIDED_BY, PROMOTE, REJECT, SERVE
from noria.contract import FailureReport, ProveReport, Verdict
from unit.operator.serving import best
from unit.operator.world import World, model

BY_WORD = {"promote": PROMOTE, "reject": REJECT, "serve": SERVE}
AWAY = FailureReport(reason="StoreUnavailable", message="no route to the store")


def world_of(**promotion: Any) -> World:
    """A Model that serves version 1."""
    world = World(model(promotion=promotion), training_job=best())
    world.settle()
    return world


def retrained(world: World, run: int) -> World:
    """The TrainingJob has succeeded again, with this run."""
    world.training_job = best(run)
    world.settle()
    return world


def report(result: Verdict, reason: str, **further: Any) -> ProveReport:
    """What a proof says."""
    figures = {"gain": 0.002, "low": -0.0213, "high": 0.0251, "message": "accuracy 0.871 vs 0.869", "examples": 200}
    return ProveReport(result=result, reason=reason, proof_uri="s3://noria/p.json", **{**figures, **further})


BETTER = report(Verdict.PROMOTED, "Better", low=0.001, is_better=True)
NOT_WORSE = report(Verdict.PROMOTED, "NotWorse")
WORSE = report(Verdict.REJECTED, "Worse", gain=-0.03, low=-0.05, high=-0.01)
OPEN = report(Verdict.INCONCLUSIVE, "TooFewExamples", message="accuracy 0.871 vs 0.869; some 900 labels would decide")
OTHER = report(Verdict.INCONCLUSIVE, "Different", differences=("class dog is gone",))


def proven(world: World, version: int, found: ProveReport) -> World:
    """The proof of this version has ended, and all that follows from it is done."""
    world.ends(part(world, version), found)
    world.settle()
    return world


def part(world: World, version: int) -> str:
    """The current try of the proof of this version, as its Job's name has it."""
    candidate = world.object.status.candidate
    assert candidate.version == version
    return f"prove-{version}" + (f"-{candidate.attempt}" if candidate.attempt else "")


def annotate(world: World, by: str = "alice", **values: Any) -> World:
    """A person sets these annotations, or removes them where they are None."""
    named = {BY_WORD[word]: value for word, value in values.items()}
    annotations = {**world.object.metadata.annotations, **named, DECIDED_BY: by}
    given = {key: value for key, value in annotations.items() if value is not None}
    metadata = world.object.metadata.model_copy(update={"annotations": given})
    world.object = world.object.model_copy(update={"metadata": metadata})
    return world


def version(world: World, number: int) -> VersionStatus:
    """A version of the Model."""
    (found,) = [each for each in world.object.status.versions if each.version == number]
    return found


def deployed(world: World) -> int:
    """The version that the Deployment names."""
    labels = world.applied["Deployment"]["spec"]["template"]["metadata"]["labels"]
    return int(labels["noria.dev/version"])


def verdicts(world: World) -> dict[int, str]:
    """The verdict on each version, and its reason."""
    return {
        each.version: f"{each.verdict.result} {each.verdict.reason}"
        for each in world.object.status.versions
        if each.verdict
    }
