"""The input of every part of a Model's decision: the Model with its status so far, what is seen, and the time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from noria.api import Model
from noria.api.model import ModelStatus, VersionStatus
from noria.contract import replaced
from noria.decisions.seen import SeenModel
from noria.decisions.step import SeenStep, observe
from noria.resources import pod
from noria.resources.installation import Installation


@dataclass(frozen=True)
class Situation:
    """One reconcile of one Model, as far as it has come."""

    model: Model
    seen: SeenModel
    settings: Installation
    now: datetime

    @property
    def status(self) -> ModelStatus:
        """The status as far as the decision has come."""
        return self.model.status

    def but(self, **changes: Any) -> "Situation":
        """The same with other values in these fields of the status."""
        return replace(self, model=replaced(self.model, status=replaced(self.status, **changes)))

    def but_version(self, number: int, **changes: Any) -> "Situation":
        """The same with other values in these fields of this version."""
        versions = self.status.versions
        return self.but(versions=tuple(replaced(v, **changes) if v.version == number else v for v in versions))

    def version(self, number: int | None) -> VersionStatus | None:
        """The version of this number, if it is known."""
        return next((version for version in self.status.versions if version.version == number), None)

    def observe(self, name: str) -> SeenStep:
        """The state of the step with the Job of this name."""
        return observe(
            name,
            jobs=self.seen.jobs,
            pods=self.seen.job_pods,
            refusals=self.seen.refusals,
            rejections=self.seen.rejections,
            now=self.now,
            placement=pod.placement_digest(self.settings),
        )
