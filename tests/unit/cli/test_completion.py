"""Completion in each shell, by the shell itself where this machine has it; and the plugin of kubectl."""

import shutil
import subprocess
from pathlib import Path

import pytest

from noria_cli.__main__ import COMMANDS, command_line, main, plugin
from noria_cli.completion import SHELLS, script

CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
"""What reads a script without running it."""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_names_every_command_and_loads(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    text = capsys.readouterr().out
    names = [module.__name__.rpartition(".")[2] for module in COMMANDS]
    assert [name for name in names if name not in text] == []
    assert "--all-namespaces" in text or "all-namespaces" in text
    path = tmp_path / "script"
    path.write_text(text)
    if shutil.which(shell):
        subprocess.run([*CHECKS[shell], str(path)], check=True)


def test_bash_completes(tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(script(command_line("noria"), "bash"))
    ask = f"source {path}; COMP_WORDS=(noria pro); COMP_CWORD=1; _shtab_noria; echo ${{COMPREPLY[@]}}"
    told = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["promote"]


def test_kubectl_knows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        plugin(["status", "--help"])
    assert capsys.readouterr().out.startswith("usage: kubectl noria status")
