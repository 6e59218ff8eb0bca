"""Metadata of children: name, labels and the owner with which they are deleted."""

from kubernetes.aio.client import V1ObjectMeta, V1OwnerReference

from noria.api.kind import GROUP, VERSION, Resource


def child_metadata(
    owner: Resource, name: str, labels: dict[str, str], annotations: dict[str, str] | None = None
) -> V1ObjectMeta:
    """Metadata of a child that is garbage collected with its owner, and before it."""
    return V1ObjectMeta(
        name=name,
        namespace=owner.metadata.namespace,
        labels=labels,
        annotations=annotations,
        owner_references=[
            V1OwnerReference(
                api_version=f"{GROUP}/{VERSION}",
                kind=owner.kind,
                name=owner.metadata.name,
                uid=owner.metadata.uid,
                controller=True,
                block_owner_deletion=True,
            )
        ],
    )
