"""The Service of a Model: one name and address for all its pods."""

from kubernetes.aio.client import V1Service, V1ServicePort, V1ServiceSpec

from noria.api import Model
from noria.contract import GRPC_PORT, REST_PORT
from noria.resources import labels
from noria.resources.deployment import selector
from noria.resources.installation import Installation
from noria.resources.owner import child_metadata


def service(model: Model) -> V1Service:
    """REST and gRPC on TensorFlow Serving's ports."""
    return V1Service(
        api_version="v1",
        kind="Service",
        metadata=child_metadata(model, model.metadata.name, labels.child_labels(model.kind, model.metadata.name)),
        spec=V1ServiceSpec(
            selector=selector(model),
            ports=[
                V1ServicePort(name="http", port=REST_PORT, target_port="http", protocol="TCP"),
                V1ServicePort(name="grpc", port=GRPC_PORT, target_port="grpc", protocol="TCP"),
            ],
        ),
    )


def url(model: Model, settings: Installation) -> str:
    """Where the Model answers REST, inside the cluster."""
    host = f"{model.metadata.name}.{model.metadata.namespace}.svc.{settings.cluster_domain}"
    return f"http://{host}:{REST_PORT}/v1/models/{model.metadata.name}"
