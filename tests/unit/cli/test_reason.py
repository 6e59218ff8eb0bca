"""Every reason that an object can have is explained to people, with what to do where something has to be done."""

import inspect
import re

import pytest

from noria.api import dataset, model, promotion, training_job
from noria_cli.reason import REASONS, explained
from noria_trainers.proof import rule

WRITTEN = re.compile(r"^([A-Z0-9_]+) = .+  # (.+)$", re.MULTILINE)
"""A reason as the kinds' modules write it."""
SAID_ELSEWHERE = {"RunStarted"}
"""Reasons of events only."""
KINDS = (("Dataset", dataset), ("TrainingJob", training_job), ("Model", model), ("Model", promotion))


@pytest.mark.parametrize(("kind", "module"), KINDS)
def test_every_reason_is_explained(kind: str, module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]  # a module
    reasons = {str(getattr(module, name)) for name, _ in WRITTEN.findall(source)} - SAID_ELSEWHERE
    assert reasons
    assert reasons - REASONS[kind].keys() == set()


def test_what_a_comparison_finds_is_explained() -> None:
    found = {value for name, value in vars(rule).items() if name.isupper() and isinstance(value, str)}
    assert found - {rule.ALWAYS} - REASONS["Model"].keys() == set()


@pytest.mark.parametrize("kind", REASONS)
def test_cures_name_the_object(kind: str) -> None:
    names = {"name": "clothes", "version": "7", "job": "jobs", "dataset": "data"}
    for reason in REASONS[kind]:
        meaning, cure = explained(kind, reason, **names)
        assert meaning
        assert "{" not in cure
