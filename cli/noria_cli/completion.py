"""Print what completes commands and options in a shell.

noria completion bash > ~/.local/share/bash-completion/completions/noria
noria completion zsh > ~/.zfunc/_noria
noria completion fish > ~/.config/fish/completions/noria.fish
"""

import argparse

from noria.contract import ExitCode

HELP = "print what completes commands in bash, zsh or fish"
SHELLS = ("bash", "zsh", "fish")
FOLDERS, FILES = ("DIR",), ("FILE", "PATH", "PATH|URI", "DIR|FILE")
"""How arguments are called that are paths."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def main(arguments: argparse.Namespace) -> int:
    """Print the script; the exit code."""
    print(script(arguments.parser, arguments.shell))
    return ExitCode.DONE


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """What the shell runs when a command line is completed."""
    import shtab

    for command in _commands(parser):
        for action in command._actions:  # argparse has no other way to them
            if action.metavar in (*FOLDERS, *FILES):
                found = shtab.DIRECTORY if action.metavar in FOLDERS else shtab.FILE
                action.complete = found  # type: ignore[attr-defined]  # an attribute that shtab reads
    return str(shtab.complete(parser, shell=shell))


def _commands(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    groups = (action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return [parser, *(command for group in groups for command in group.values())]
