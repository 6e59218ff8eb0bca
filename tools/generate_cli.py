"""docs/cli.md from the parsers: what `--help` says of each command. Used by `generate`."""

import argparse
import os
from collections.abc import Iterator

WIDTH = "100"
"""Columns of the help."""
HEAD = """# The command line

`noria` comes with `make venv && . .venv/bin/activate`, and with `pip install 'noria[cli]'` from a checkout. It also is
a plugin of kubectl: `kubectl noria status`.

What speaks to a cluster takes the kubeconfig's current context and namespace, unless `--kubeconfig`, `--context` and
`--namespace` name others. The bucket and the servers are reached through the API server, by port-forwards that last as
long as the command: you need the right to create `pods/portforward` (the ClusterRole `edit` has it), and for the bucket
to read the Secret `noria-object-store`. Keys are used and never printed. Where the Secret cannot be read, the `AWS_*`
variables count.

| exit code | meaning |
|---|---|
| 0 | done; of `status`: all is ready |
| 1 | failed, or not ready; of `doctor`: something does not work |
| 2, 64 | wrong arguments |
| 65 | bad data, or nothing of that name |
| 69 | cluster, store or server cannot be reached |
| 75 | not finished in time |
| 77 | not permitted |

`noria completion bash`, `zsh` and `fish` print what completes commands in a shell.
"""


def cli_page(parser: argparse.ArgumentParser) -> str:
    """The whole page."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = WIDTH  # what argparse wraps at
    try:
        return HEAD + "".join(_section(name, command) for name, command in _commands(parser))
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:  # argparse has no other way to its commands
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def _section(name: str, command: argparse.ArgumentParser) -> str:
    usage, _, rest = command.format_help().partition("\n\n")
    return f"\n## noria {name}\n\n```\n{rest.rstrip()}\n\n{usage}\n```\n"
