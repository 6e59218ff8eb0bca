"""Labels of children: they select what we watch, and lead from a child to its owner."""

from collections.abc import Mapping

from noria.api.kind import GROUP

MANAGED_BY = "app.kubernetes.io/managed-by"
NORIA = "noria"
SELECTOR = f"{MANAGED_BY}={NORIA}"
"""Selects every child of ours."""

DATASET = f"{GROUP}/dataset"
TRAINING_JOB = f"{GROUP}/trainingjob"
MODEL = f"{GROUP}/model"
"""Of what serves: its Service, Deployment and disruption budget know its pods by this label alone."""
STEPS_MODEL = f"{GROUP}/steps-model"
"""Of a Model's Jobs and their pods, in place of `MODEL`: they answer no requests."""
STEP = f"{GROUP}/step"
RUN = f"{GROUP}/run"
TRIAL = f"{GROUP}/trial"
MODEL_VERSION = f"{GROUP}/version"
QUEUE = "kueue.x-k8s.io/queue-name"
"""Kueue's label of a workload's LocalQueue."""

APPLIED = f"{GROUP}/applied"
"""Annotation: digest of what was applied last, so that nothing is applied twice."""
PLACEMENT = f"{GROUP}/placement"
"""Annotation of Jobs: digest of where their pods belonged, so that a waiting one can be moved."""
TEMPLATE = f"{GROUP}/template"
"""Annotation of serving pods: digest of the template that they were made from."""
ARTIFACT_URI = f"{GROUP}/artifact-uri"
ARTIFACT_DIGEST = f"{GROUP}/artifact-digest"
MONITORING = f"{GROUP}/monitoring"
"""Annotation of serving pods: TensorFlow Serving's monitoring file, which is mounted from it."""

_OWNERS = {"Dataset": DATASET, "TrainingJob": TRAINING_JOB, "Model": MODEL}
_KINDS = {**{label: kind for kind, label in _OWNERS.items()}, STEPS_MODEL: "Model"}


def child_labels(kind: str, name: str, **further: str) -> dict[str, str]:
    """Labels of a child of the object of this kind and name; `further` by the last word of the label, e.g. run=1."""
    owner = STEPS_MODEL if kind == "Model" and "step" in further else _OWNERS[kind]
    return {MANAGED_BY: NORIA, owner: name, **{f"{GROUP}/{key}": value for key, value in further.items()}}


def owner_of(labels: Mapping[str, str]) -> tuple[str, str] | None:
    """Kind and name of the object of ours that a child with these labels belongs to."""
    return next(((kind, labels[label]) for label, kind in _KINDS.items() if label in labels), None)
