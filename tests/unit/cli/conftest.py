"""The revisions that the tests of trainers have, and a kubectl, for the tests of commands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from unit.trainers.conftest import make_revision, source_of, store, table_file, table_revision

__all__ = ["make_revision", "source_of", "store", "table_file", "table_revision"]


@pytest.fixture
def kubectl_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a kubectl in the path that answers so to `get`; the file that keeps what it was asked."""

    def put(answer: str, *, fails: str = "") -> Path:
        calls, text = tmp_path / "calls", tmp_path / "answer"
        text.write_text(answer)
        program = tmp_path / "bin/kubectl"
        program.parent.mkdir(exist_ok=True)
        end = f"echo '{fails}' >&2; exit 1" if fails else f"[ $1 = get ] && cat {text} || true"
        program.write_text(f'#!/bin/sh\necho "$*" >>{calls}\n{end}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        return calls

    return put
