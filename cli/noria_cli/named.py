"""Objects as people name them: `trainingjob/clothes`, by singular, plural or short name."""

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from noria.api import KINDS, Resource
from noria.contract import ExitCode
from noria.runtime.resource_type import TYPES
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Body, Cluster

WORDS = {word: kind for kind in KINDS for word in (kind.kind.lower(), kind.plural, *kind.short_names)}
"""What each kind may be called."""


@dataclass(frozen=True)
class Named:
    """An object of ours."""

    kind: type[Resource]
    name: str

    def __str__(self) -> str:
        return f"{self.kind.kind.lower()}/{self.name}"

    def path(self, namespace: str) -> str:
        """Its path on the API server."""
        return TYPES[self.kind.kind].path(namespace, self.name)


def named(text: str) -> Named:
    """An argparse type for KIND/NAME."""
    word, slash, name = text.partition("/")
    kind = WORDS.get(word.lower())
    if kind is None or not slash or not name or "/" in name:
        kinds = ", ".join(f"{each.kind.lower()}/NAME" for each in KINDS)
        raise argparse.ArgumentTypeError(f"{text!r} is none of {kinds}")
    return Named(kind, name)


def read(cluster: "Cluster", wanted: Named) -> "Body":
    """The object as the API server has it. Raises StepError where there is none."""
    found = cluster.find(wanted.path(cluster.namespace))
    if found is None:
        message = f"there is no {wanted.kind.kind} {wanted.name} in namespace {cluster.namespace}"
        cure = "`noria status` lists those there are; --namespace names another namespace"
        raise StepError(ExitCode.BAD_DATA, "NotFound", f"{message}: {cure}")
    return found | {"kind": wanted.kind.kind}
