"""Why an object is as it is: conditions, choice and verdicts in plain words, with what to do. Used by `why`."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from noria.api import Condition, Dataset, Model, TrainingJob
from noria.api.condition import READY, RECONCILING, STALLED, find_condition
from noria.api.model import VersionStatus
from noria.api.training_job import TrialState, TrialStatus
from noria.contract import FailureKind, visible
from noria_cli.detail import in_words
from noria_cli.reason import explained
from noria_cli.row import UNSEEN, state
from noria_cli.score import told as score_told
from noria_trainers.wording import counted

WIDTH = 100
Lines = Iterator[str]


def account(body: dict[str, Any], *, version: int | None = None) -> str:
    """The object's account, for people; of a Model's `version`, or of its newest."""
    kind, told = _KINDS[body["kind"]]
    found = kind.model_validate(body)
    return visible("\n".join(told(found, version)), lines=True)


def _of_dataset(found: Dataset, _: int | None) -> Lines:
    yield from _ready(found)
    for problem in found.status.problems:
        yield from _paragraph(f"{problem.severity.value.lower()}: {problem.message}", indent=2)
        if problem.names:
            yield f"      {', '.join(problem.names)}"
    yield from _others(found)


def _of_training_job(found: TrainingJob, _: int | None) -> Lines:
    names = {"dataset": found.spec.dataset_ref.name}
    yield from _ready(found, **names)
    status = found.status
    if status.run:
        yield ""
        yield from _paragraph(f"run {status.run.number}: {status.run.cause_message or status.run.cause or 'started'}")
    if status.choice:
        yield ""
        yield from _paragraph(f"choice, {status.choice.strategy}: {status.choice.basis}")
    for trial in status.trials:
        yield from _trial(trial)
    yield from _failures(found)
    if status.best:
        best = status.best
        members = f", an ensemble of {counted(len(best.ensemble), 'trial')}" if best.ensemble else ""
        yield ""
        low, high = best.interval
        score = f"{best.summary} on the hold-out set ({low:.4g} to {high:.4g})"
        yield f"best: {best.trial} of run {best.run}{members}, {score}"
    yield from _others(found, **names)


def _trial(trial: TrialStatus) -> Lines:
    yield ""
    yield f"  {trial.name}  {in_words(trial.configuration)}"
    if trial.reason:
        yield from _paragraph(f"chosen since {trial.reason}", indent=6)
    if trial.state is TrialState.FAILED:
        yield from _paragraph(f"failed, {trial.failure}: {trial.message or 'no message'}", indent=6)
    elif trial.score is None:
        yield f"      {trial.state.lower()}{': ' + trial.message if trial.message else ''}"
    else:
        spread = "" if trial.spread is None else f" ± {trial.spread:.4g}"
        expected = "" if trial.expected_score is None else f", expected was {trial.expected_score:.4g}{spread}"
        yield f"      {trial.score:.4g} on the validation set{expected}"


def _failures(found: TrainingJob) -> Lines:
    """What to do about failed trials."""
    failed = Counter(FailureKind(each.failure) for each in found.status.trials if each.failure)
    for kind, count in failed.items():
        yield ""
        yield f"{counted(count, 'trial')} {kind.ending}"
        yield f"  what to do: read `noria logs {found.metadata.name}`, then `noria retrain {found.metadata.name}`"


def _of_model(found: Model, version: int | None) -> Lines:
    job = found.spec.source.training_job_ref
    newest = found.status.versions[-1] if found.status.versions else None
    names = {"job": job.name if job else "", "version": str(newest.version if newest else 1)}
    yield from _ready(found, **names)
    chosen = next((each for each in found.status.versions if each.version == version), None) if version else newest
    if version and chosen is None:
        known = ", ".join(str(each.version) for each in found.status.versions) or "none"
        yield f"there is no version {version}: known are {known}"
    if chosen:
        yield from _version(found, chosen)
    if watch := found.status.watch:
        yield ""
        yield f"watch of version {watch.version} beside version {watch.before}: {watch.state}"
        yield from _paragraph(watch.message, indent=2)
    yield from _others(found, **names)


def _version(found: Model, version: VersionStatus) -> Lines:
    """What became of a version."""
    candidate, verdict = found.status.candidate, version.verdict
    job = found.spec.source.training_job_ref
    names = {"version": str(version.version), "job": job.name if job else ""}
    yield ""
    served = ", which is served" if found.status.served == version.version else ""
    score = score_told(version.metric, version.score)
    yield f"version {version.version}{served}: {version.origin or 'of an artifact'}, {score}"
    if candidate and candidate.version == version.version:
        yield from _paragraph(f"is a candidate, {candidate.reason}: {candidate.message}", indent=2)
        yield from _explained(found, candidate.reason, **names)
    elif verdict:
        gain = "" if verdict.gain is None else f", gain {verdict.gain}"
        bounds = "" if verdict.interval is None else f" ({verdict.interval[0]} to {verdict.interval[1]})"
        yield f"  {verdict.result} by {verdict.by} on {verdict.at[:10]}, {verdict.reason}{gain}{bounds}"
        yield from _paragraph(verdict.message, indent=2)
        yield from _explained(found, verdict.reason, **names)
    if version.message:
        yield from _paragraph(f"could not be served: {version.message}", indent=2)
    if verdict and verdict.report_uri:
        yield f"  all figures: noria compare {found.metadata.name} {version.version}"


def _ready(found: Any, **names: str) -> Lines:
    """Whether the object is ready, and why."""
    ready, is_seen = state(found)
    key = f"{found.kind.lower()}/{found.metadata.name}"
    if ready is None or not is_seen:
        yield f"{key} is not ready: {UNSEEN}"
        yield from _explained(found, UNSEEN, **names)
        return
    yield f"{key} is {'ready' if ready.status == 'True' else 'not ready'}: {ready.reason}"
    yield from _paragraph(ready.message, indent=2)
    yield from _explained(found, ready.reason, **names)


def _others(found: Any, **names: str) -> Lines:
    """The conditions that hold besides."""
    told = find_condition(found.status.conditions, READY)
    for each in found.status.conditions:
        if each.status == "True" and _says_more(each, told):
            yield ""
            yield f"{each.type}: {each.reason}"
            yield from _paragraph(each.message, indent=2)
            yield from _explained(found, each.reason, **names)


def _says_more(each: Condition, told: Condition | None) -> bool:
    is_same = each.type in (RECONCILING, STALLED) or (told is not None and each.message == told.message)
    return each.type not in (READY, "Loaded", "Chosen") and not is_same


def _explained(found: Any, reason: str, **names: str) -> Lines:
    known = {"name": found.metadata.name, "version": "", "job": "", "dataset": "", **names}
    meaning, cure = explained(found.kind, reason, **known)
    if meaning:
        yield from _paragraph(f"that is: {meaning}", indent=2)
    if cure:
        yield from _paragraph(f"what to do: {cure}", indent=2)


def _paragraph(text: str, *, indent: int = 0) -> list[str]:
    lead = " " * indent
    whole = visible(text)
    return textwrap.wrap(whole, WIDTH, initial_indent=lead, subsequent_indent=lead, break_on_hyphens=False)


_KINDS: Mapping[str, tuple[type[Any], Callable[[Any, int | None], Lines]]] = {
    "Dataset": (Dataset, _of_dataset),
    "TrainingJob": (TrainingJob, _of_training_job),
    "Model": (Model, _of_model),
}
