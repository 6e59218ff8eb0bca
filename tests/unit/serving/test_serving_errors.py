"""The original's error texts: each is raised by noria-server and asked by a test, or there is a reason why not."""

from pathlib import Path

import pytest

from serving_errors import Error, errors, errors_page

PAGE = Path(__file__).parents[3] / "docs" / "serving-errors.md"


@pytest.mark.parametrize("error", [pytest.param(error, id=error.places[0]) for error in errors() if not error.reason])
def test_a_text_is_raised_and_asked(error: Error) -> None:
    assert error.raised(), f"no definition of ours has: {error.text}"
    assert error.asked(), f"no test has: {error.text}"


@pytest.mark.parametrize("error", [pytest.param(error, id=error.places[0]) for error in errors() if error.reason])
def test_a_text_with_a_reason_against_it_is_not_raised(error: Error) -> None:
    assert error.raised() == []


def test_a_text_that_nobody_has_is_not_found() -> None:
    missing = Error("".join(("Servable not", " found: …")), ("core/basic_manager.cc:139",), "")
    assert (missing.raised(), missing.asked()) == ([], [])


def test_the_page_is_what_the_script_writes() -> None:
    assert PAGE.read_text() == errors_page()
