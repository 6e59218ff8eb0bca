"""The container that serves: TensorFlow Serving or Noria's own server, with the same flags, probes and drain.

TensorFlow Serving is started directly, since its image's script does not forward signals. It ignores SIGTERM anyway, so
a pod answers until its grace period ends; the sleep before gives the Service time to drop it.
Used by `resources.deployment`.
"""

from kubernetes.aio.client import (
    V1Container,
    V1ContainerPort,
    V1EnvVar,
    V1HTTPGetAction,
    V1Lifecycle,
    V1LifecycleHandler,
    V1Probe,
    V1SleepAction,
    V1TCPSocketAction,
    V1VolumeMount,
)

from noria.api import Model
from noria.api.model import ServerType
from noria.contract import GRPC_PORT, MODELS_PATH, REST_PORT
from noria.resources import pod
from noria.resources.installation import Installation

SERVER = "server"
METRICS_PATH = "/monitoring/prometheus/metrics"
MONITORING_FOLDER = "/etc/noria"
MONITORING_CONFIG = f'prometheus_config {{ enable: true path: "{METRICS_PATH}" }}'
START_SECONDS = 4
"""A small model is loaded by then: each earlier try of the startup probe would leave a Warning event."""
FORGET_SECONDS = 10
"""Until every node's proxy has removed a stopping pod from the Service."""

_PROGRAMS = {
    ServerType.TENSORFLOW_SERVING: ["/usr/bin/tensorflow_model_server"],
    ServerType.NORIA: ["python", "-m", "noria_serving"],
}


def server_container(model: Model, settings: Installation, *, mounts: list[V1VolumeMount]) -> V1Container:
    """The server of a Model."""
    server = model.spec.server
    name = model.metadata.name
    return V1Container(
        name=SERVER,
        image=_image(model, settings),
        image_pull_policy=settings.image_pull_policy,
        command=[*_PROGRAMS[_type(model, settings)], *flags(name)],
        env=[V1EnvVar(name="HOME", value="/tmp")],
        ports=[
            V1ContainerPort(name="http", container_port=REST_PORT),
            V1ContainerPort(name="grpc", container_port=GRPC_PORT),
        ],
        resources=pod.resources(
            cpu=server.resources.cpu,
            memory=server.resources.memory,
            storage=storage_of(model, settings),
            gpus=server.gpus,
        ),
        security_context=pod.restricted_container(),
        termination_message_policy="FallbackToLogsOnError",
        startup_probe=_loaded(name, period=2, failures=300, delay=START_SECONDS),
        readiness_probe=_loaded(name, period=5, failures=3),
        liveness_probe=_listening(),
        volume_mounts=mounts,
        lifecycle=V1Lifecycle(pre_stop=V1LifecycleHandler(sleep=V1SleepAction(seconds=FORGET_SECONDS))),
    )


def storage_of(model: Model, settings: Installation) -> str:
    """Ephemeral storage limit of the Model's pods."""
    return model.spec.server.resources.ephemeral_storage or settings.server_ephemeral_storage


def flags(name: str) -> list[str]:
    """Flags of tensorflow_model_server: one model, loaded at once or not at all."""
    return [
        f"--port={GRPC_PORT}",
        f"--rest_api_port={REST_PORT}",
        f"--model_name={name}",
        f"--model_base_path={MODELS_PATH}/{name}",
        f"--monitoring_config_file={MONITORING_FOLDER}/monitoring.config",
        "--allow_version_labels_for_unavailable_models=true",
        "--enable_grpc_healthcheck_service=true",
        "--enable_profiler=false",  # it writes files wherever a request says
        "--max_num_load_retries=0",
    ]


def _type(model: Model, settings: Installation) -> ServerType:
    return model.spec.server.type or settings.default_server_type


def _image(model: Model, settings: Installation) -> str:
    is_ours = _type(model, settings) is ServerType.NORIA
    own = settings.server_image if is_ours else settings.tensorflow_serving_image
    return model.spec.server.image or own


def _loaded(name: str, *, period: int, failures: int, delay: int | None = None) -> V1Probe:
    """Asks for the model's metadata, which is answered only once a version is loaded; its status is answered before."""
    return V1Probe(
        http_get=V1HTTPGetAction(path=f"/v1/models/{name}/metadata", port="http"),
        initial_delay_seconds=delay,
        period_seconds=period,
        timeout_seconds=5,
        failure_threshold=failures,
    )


def _listening() -> V1Probe:
    """Checks only that the port is open, so that a server busy with long requests is not killed."""
    return V1Probe(tcp_socket=V1TCPSocketAction(port="http"), period_seconds=10, timeout_seconds=5, failure_threshold=6)
