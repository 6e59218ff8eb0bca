"""What reasons of conditions, candidates and verdicts mean, and what to do about each. Used by `account`
and docs/troubleshooting.md.

A cure may name the object by `{name}` and its Model's version by `{version}`. No cure: nothing has to be done.
"""

from collections.abc import Mapping
from typing import NamedTuple

from noria.api import condition, dataset, model, promotion, training_job
from noria_cli.row import UNSEEN
from noria_trainers.proof import rule

POD = "see what the cluster says, then `noria doctor`"


class Reason(NamedTuple):
    """A reason for people."""

    meaning: str
    cure: str = ""


GONE = Reason("what it has in the bucket is gone", "restore the bucket, or have it made again as the message says")
ANY: Mapping[str, Reason] = {
    condition.REJECTED: Reason("the API server rejects what was made from the spec", "correct the spec as it says"),
    condition.BYTES_GONE: GONE,
    UNSEEN: Reason(
        "the operator has not looked at the object, or at its last change", "if that lasts, run `noria doctor`"
    ),
}
DATASET: Mapping[str, Reason] = {
    dataset.PROFILING: Reason("the examples are being read and checked"),
    dataset.PROFILED: Reason("the examples are good enough to train on"),
    dataset.REFUSED: Reason(
        "the examples are not good enough to train on",
        "correct the files as the problems say, then `noria upload` them again with --now",
    ),
    dataset.SOURCE_REFUSED: Reason(
        "the source is not the namespace's to read", "name a source in this namespace's folders, or one outside"
    ),
    dataset.SOURCE_FAILED: Reason(
        "the source cannot be read", "correct spec.source, or the keys in the Secret; it is tried again by itself"
    ),
    dataset.PROFILE_FAILED: Reason(
        "reading and checking the examples failed", "see `noria logs dataset/{name}`; it is tried again by itself"
    ),
    dataset.WAITING_FOR_POD: Reason("the pod that reads the examples cannot start", POD),
}
TRAINING_JOB: Mapping[str, Reason] = {
    training_job.DATASET_NOT_FOUND: Reason(
        "there is no such Dataset", "create it, or correct spec.datasetRef; `noria status` lists those there are"
    ),
    training_job.DATASET_NOT_READY: Reason(
        "the Dataset cannot be trained on yet", "see `noria why dataset/{dataset}`; training starts by itself"
    ),
    training_job.METRIC_NOT_APPLICABLE: Reason("the metric does not fit the task", "set another spec.metric"),
    training_job.CHOOSING: Reason("the configurations to train are being chosen"),
    training_job.CHOICE_FAILED: Reason("no configurations could be chosen", "correct spec.search as the message says"),
    training_job.TRAINING: Reason("the chosen configurations are being trained"),
    training_job.CONCLUDING: Reason("the best trial is being scored on the hold-out set and packed"),
    training_job.CONCLUDE_FAILED: Reason(
        "the best trial could not be scored or packed", "see `noria logs {name} --step conclude`"
    ),
    training_job.SUCCEEDED: Reason("there is a result, which a Model can serve"),
    training_job.ALL_TRIALS_FAILED: Reason(
        "no trial made a model", "see `noria logs {name}`, do what the trials say, then `noria retrain {name}`"
    ),
    training_job.DEADLINE_EXCEEDED: Reason(
        "the time was over before any trial had ended", "raise spec.maxDuration, or train fewer configurations"
    ),
    training_job.SUSPENDED_BY_USER: Reason("it is suspended", "set spec.suspend to false"),
    training_job.WAITING_FOR_POD: Reason("its pods cannot start", POD),
    training_job.NEWER_REVISION: Reason("the Dataset has newer examples", "`noria retrain {name}`"),
    training_job.RUN_IN_PROGRESS: Reason("the Dataset has newer examples; the present run ends first"),
    training_job.TOO_FEW_EXAMPLES: Reason(
        "the Dataset has newer examples, fewer than spec.retrain.newExamples asks for", "`noria retrain {name}`"
    ),
    training_job.WAITING_FOR_SCHEDULE: Reason(
        "the Dataset has newer examples; the schedule says when to train on them", "sooner: `noria retrain {name}`"
    ),
    training_job.COOLING_DOWN: Reason(
        "the Dataset has newer examples; the cooldown is not over", "sooner: `noria retrain {name}`"
    ),
    training_job.MAX_PER_DAY_REACHED: Reason(
        "the Dataset has newer examples; today's runs are used up", "sooner: `noria retrain {name}`"
    ),
    training_job.BAD_SCHEDULE: Reason("the schedule cannot be read", "correct spec.retrain.schedule"),
    training_job.ROLLED_BACK: Reason(
        "a Model rolled back what it trained, so it does not train by itself",
        "find out why, then `noria retrain {name}`, or upload better examples",
    ),
}
MODEL: Mapping[str, Reason] = {
    model.TRAINING_JOB_NOT_FOUND: Reason(
        "there is no such TrainingJob", "create it, or correct spec.source; `noria status` lists those there are"
    ),
    model.TRAINING_JOB_NOT_READY: Reason(
        "the TrainingJob has no result yet", "see `noria why trainingjob/{job}`; it is served by itself"
    ),
    model.LOADING: Reason("the version is being fetched and loaded"),
    model.SERVING: Reason("it answers requests"),
    model.ARTIFACT_REFUSED: Reason(
        "the artifact is not the namespace's to read", "name one of this namespace's runs, or one outside of the bucket"
    ),
    model.LOAD_FAILED: Reason(
        "the version cannot be fetched or loaded",
        "do as the message says, or serve another one: `noria rollback {name}`",
    ),
    model.ROLLING_OUT: Reason("another version is being rolled out; the one before answers meanwhile"),
    model.CANDIDATE_FAILED: Reason(
        "another version cannot be loaded; the one before goes on answering",
        "do as the message says, or `noria reject {name} {version}`",
    ),
    model.WAITING_FOR_POD: Reason("its pods cannot start", POD),
    model.NOT_IN_OBJECT_STORE: GONE,
}
PROMOTION: Mapping[str, Reason] = {
    promotion.PROVING: Reason("the candidate is being compared with what serves"),
    promotion.PROVE_FAILED: Reason(
        "the comparison failed", "it is tried again; `noria promote {name} {version}` decides without it"
    ),
    promotion.APPROVAL_WANTED: Reason(
        "a person has to decide",
        "see `noria compare {name}`, then `noria promote {name} {version}` or `noria reject {name} {version}`",
    ),
    promotion.FIRST_VERSION: Reason("nothing was served before it"),
    promotion.SOURCE_ARTIFACT: Reason("the spec names the artifact itself"),
    promotion.POLICY_ALWAYS: Reason("the policy asks for no comparison"),
    promotion.BY_PERSON: Reason("a person said so"),
    promotion.SUPERSEDED: Reason(
        "a newer candidate came before there was a verdict",
        "to serve it all the same: `noria promote {name} {version}`",
    ),
    promotion.ROLLED_BACK: Reason(
        "it was promoted, did worse than the version before, and was taken back",
        "compare both with `noria compare {name}`; train on better examples",
    ),
    promotion.CHOSEN_BY_PERSON: Reason(
        "a person chose the version that is served", "to undo: `noria rollback {name} --undo`"
    ),
    promotion.NOT_POSSIBLE: Reason("an annotation asks for what cannot be done", "name a version as it says"),
}
PROOF: Mapping[str, Reason] = {
    rule.BETTER: Reason("it is better than what served, beyond chance"),
    rule.NOT_WORSE: Reason("it is not worse than what served by more than the margin"),
    rule.WORSE: Reason(
        "it is worse than what serves",
        "see where with `noria compare {name} {version}`; train on more or better examples",
    ),
    rule.CLASS_WORSE: Reason(
        "it is worse at one class, whatever it is as a whole",
        "see which with `noria compare {name} {version}`; add examples of that class",
    ),
    rule.NOT_SHOWN: Reason(
        "the examples do not decide", "hold out more examples, or decide: `noria promote {name} {version}`"
    ),
    rule.NO_COMMON_EXAMPLES: Reason(
        "no held-out example is new to both versions", "add examples, or decide: `noria promote {name} {version}`"
    ),
    rule.DIFFERENT: Reason(
        "the versions differ in more than their score", "decide: `noria promote {name} {version}`, or reject it"
    ),
    rule.UNUSABLE: Reason("it cannot be served", "see `noria logs {job} --step conclude`, then `noria retrain {job}`"),
}
REASONS: Mapping[str, Mapping[str, Reason]] = {
    "Dataset": {**DATASET, **ANY},
    "TrainingJob": {**TRAINING_JOB, **ANY},
    "Model": {**MODEL, **PROMOTION, **PROOF, **ANY},
}
"""By kind."""


def explained(kind: str, reason: str, **names: str) -> Reason:
    """The reason with the object's names in its cure; an empty one for a reason that says all by itself."""
    found = REASONS[kind].get(reason, Reason(""))
    return Reason(found.meaning, found.cure.format_map(names))
