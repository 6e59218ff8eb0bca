"""The Services of a Model: one address for all its pods that serve, and a name for the address of each of them."""

from kubernetes.aio.client import V1Service, V1ServicePort, V1ServiceSpec

from noria.api import Model
from noria.contract import GRPC_PORT, REST_PORT
from noria.resources import labels
from noria.resources.deployment import selector
from noria.resources.installation import Installation
from noria.resources.name import child_name
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


def pods_service(model: Model) -> V1Service:
    """A name with the addresses of the pods that are ready, for whoever reads the counters of each."""
    return V1Service(
        api_version="v1",
        kind="Service",
        metadata=child_metadata(model, _pods_name(model), labels.child_labels(model.kind, model.metadata.name)),
        spec=V1ServiceSpec(
            cluster_ip="None",
            selector=selector(model),
            ports=[V1ServicePort(name="http", port=REST_PORT, target_port="http", protocol="TCP")],
        ),
    )


def pods_host(model: Model, settings: Installation) -> str:
    """The name of `pods_service`, inside the cluster."""
    return _host(_pods_name(model), model, settings)


def url(model: Model, settings: Installation) -> str:
    """Where the Model answers REST, inside the cluster."""
    return f"http://{_host(model.metadata.name, model, settings)}:{REST_PORT}/v1/models/{model.metadata.name}"


def _host(service: str, model: Model, settings: Installation) -> str:
    return f"{service}.{model.metadata.namespace}.svc.{settings.cluster_domain}"


def _pods_name(model: Model) -> str:
    return child_name(model.metadata, "pods")
