"""Logs are JSON lines that tell of errors without the values around them."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import structlog
from noria.runtime import log
log.set_up(level="info", text={text})
secret = "hunter2"
try:
    raise RuntimeError("it broke")
except RuntimeError:
    structlog.stdlib.get_logger("noria.test").exception("bug", object="shop/shoes")
structlog.stdlib.get_logger("noria.test").debug("not at this level")
"""


def printed(*, text: bool) -> str:
    """What a program of its own logs: set-up is for a whole process."""
    command = [sys.executable, "-c", PROGRAM.format(text=text)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_an_error_is_one_line_of_json_with_its_traceback() -> None:
    (line,) = map(json.loads, printed(text=False).splitlines())
    assert (line["event"], line["level"], line["object"]) == ("bug", "error", "shop/shoes")
    assert line["exception"][0]["exc_value"] == "it broke"


@pytest.mark.parametrize("text", [pytest.param(False, id="json"), pytest.param(True, id="text")])
def test_values_of_variables_are_never_logged(text: bool) -> None:
    assert "it broke" in printed(text=text)
    assert "hunter2" not in printed(text=text)
