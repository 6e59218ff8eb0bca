"""A Model whose TrainingJob succeeds again, for the tests of what becomes of its candidates."""

from typing import Any

from noria.api.model import VersionStatus
from noria.api.promotion import DECIDED_BY, PROMOTE, REJECT, SERVE
from noria.contract import FailureReport, ProveReport, Verdict, Watched, WatchReport
from unit.operator.serving import best
from unit.operator.world import World, model

BY_WORD = {"promote": PROMOTE, "reject": REJECT, "serve": SERVE}
AWAY = FailureReport(reason="StoreUnavailable", message="no route to the store")


UNWATCHED = {"watch": {"duration": "0s"}}


def world_of(**promotion: Any) -> World:
    """A Model that serves version 1; what is promoted later is not watched unless that is asked for."""
    world = World(model(promotion=UNWATCHED | promotion), training_job=best())
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
KEPT = WatchReport(result=Watched.KEPT, reason="Kept", message="version 2 had 900 requests, 0 failed")
BREACHED = WatchReport(result=Watched.BREACHED, reason="Errors", message="version 2: 25 of 50 requests failed")
UNASKED = WatchReport(result=Watched.INCONCLUSIVE, reason="TooFewRequests", message="version 2 had 3 requests")
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


def watch_job(world: World) -> str:
    """The Job of the watch under way, as its name has it; empty if there is none."""
    found = world.object.status.watch
    parts = [part for part in world.parts if found and part.startswith(f"watch-{found.version}-")]
    return next((part for part in parts if "status" not in world.jobs[world.job(part)]), "")


def begin_watch(world: World) -> None:
    """The pod of the watch under way, if there is one, knows how the version before has served."""
    if part := watch_job(world):
        world.pod(part, phase="Running", conditions=[{"type": "Ready", "status": "True"}])


def end_watch(world: World, found: WatchReport) -> None:
    """The watch under way, if there is one, ends."""
    if part := watch_job(world):
        world.ends(part, found)


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
