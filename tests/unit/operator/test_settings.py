"""Settings come from the environment, and every one says what it is for."""

from dataclasses import fields
from pathlib import Path

import pytest

from noria.runtime.settings import Settings, describe, variable


def test_values_are_read_by_type_and_absent_ones_have_defaults() -> None:
    settings = Settings.from_environment(
        {"NORIA_WATCH_NAMESPACES": "a, b,", "NORIA_WORKERS": "3", "NORIA_RETRY_SECONDS": ".5", "NORIA_BUCKET": ""}
    )
    assert settings.watch_namespaces == ("a", "b")
    assert (settings.workers, settings.retry_seconds, settings.bucket) == (3, 0.5, "noria")


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="NORIA_WORKERS is 'many': int is needed"):
        Settings.from_environment({"NORIA_WORKERS": "many"})
    with pytest.raises(ValueError, match=r"NORIA_EXPLORATION is 5\.0: a number from 0 to 1 is needed"):
        Settings.from_environment({"NORIA_EXPLORATION": "5"})


def test_help_and_the_documentation_tell_of_every_setting() -> None:
    page = Path(__file__).parents[3] / "docs" / "operations.md"
    for one in fields(Settings):
        assert variable(one.name) in describe()
        assert f"`{variable(one.name)}`" in page.read_text()
