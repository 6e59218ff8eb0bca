"""The kinds of group `noria.dev`: one module per kind with spec, status and reasons. `crds/` is generated from here."""

from noria.api.condition import Condition
from noria.api.dataset import Dataset
from noria.api.kind import GROUP, VERSION, Metadata, Resource
from noria.api.model import Model
from noria.api.training_job import TrainingJob

KINDS: tuple[type[Resource], ...] = (Dataset, TrainingJob, Model)

__all__ = ["GROUP", "KINDS", "VERSION", "Condition", "Dataset", "Metadata", "Model", "Resource", "TrainingJob"]
