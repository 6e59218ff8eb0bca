"""What the operator may do, declared next to the code that needs it. `make generate` writes the chart's roles."""

from collections.abc import Iterable
from dataclasses import dataclass

from noria.runtime.resource_type import TYPES, ResourceType

READ = ("get", "list", "watch")
APPLY = (*READ, "create", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Access:
    """Verbs on a type of objects or on a subresource of it."""

    type: ResourceType
    verbs: tuple[str, ...]
    subresource: str = ""
    reason: str = ""
    """Why, where the verbs do not show it."""

    @property
    def resource(self) -> str:
        """As RBAC names it."""
        return f"{self.type.plural}/{self.subresource}" if self.subresource else self.type.plural


def access_to_kind(kind: str) -> tuple[Access, ...]:
    """What each of our kinds needs: to read objects and write their status, and to own their children."""
    reason = "to own children, where the cluster checks the permission for that"
    return (
        Access(TYPES[kind], READ),
        Access(TYPES[kind], ("patch",), "status"),
        Access(TYPES[kind], ("update",), "finalizers", reason),
    )


def rules(accesses: Iterable[Access]) -> list[tuple[str, dict[str, list[str]]]]:
    """RBAC rules with the reason of each: one for each API group and set of verbs."""
    resources: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for access in accesses:
        resources.setdefault((access.type.group, access.verbs, access.reason), []).append(access.resource)
    return [
        (reason, {"apiGroups": [group], "resources": names, "verbs": list(verbs)})
        for (group, verbs, reason), names in resources.items()
    ]
