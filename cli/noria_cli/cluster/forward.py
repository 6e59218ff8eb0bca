"""Local ports that lead to Services through the API server, as `kubectl port-forward` makes them.

Each connection to a local port is a port-forward stream of its own to one of the Service's ready pods.
"""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kubernetes.client import ApiClient, CoreV1Api
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import portforward
from kubernetes.stream.ws_client import PortForward

from noria.contract import ExitCode
from noria.runtime.resource_type import POD, SERVICE
from noria_cli.cluster.connection import Body, Cluster
from noria_store.error import StepError

LOCAL = "127.0.0.1"
CHUNK = 1 << 16
CLOSE_SECONDS = 5.0


@dataclass(frozen=True)
class Stream:
    """A connection to a port of a pod."""

    near: socket.socket
    carrier: PortForward
    """What carries it: a web socket to the API server, and a thread of its own."""

    def close(self) -> None:
        """Close both; the carrier leaves its web socket open where the other side ended first."""
        self.near.close()
        end = time.monotonic() + CLOSE_SECONDS
        while self.carrier.connected and time.monotonic() < end:
            time.sleep(0.01)
        self.carrier.websocket.shutdown()


@dataclass(frozen=True)
class Way:
    """The way to a port of a Service."""

    cluster: Cluster
    service: Body
    port: int

    def open(self) -> Stream:
        """A stream to one of the pods that are ready. Raises StepError where there is none."""
        pod, port = _target(self.cluster, self.service, self.port)
        namespace = pod["metadata"]["namespace"]
        api = CoreV1Api(ApiClient(self.cluster.configuration))  # of its own: the call below borrows the client
        call = api.connect_get_namespaced_pod_portforward
        try:
            carrier = portforward(call, pod["metadata"]["name"], namespace, ports=str(port))
        except ApiException as error:
            raise _refused(str(error.reason), namespace, pod["metadata"]["name"]) from error
        return Stream(carrier.socket(port), carrier)


@contextmanager
def forwarded(cluster: Cluster, namespace: str, service: str, port: int) -> Iterator[int]:
    """A port of this machine that leads to a port of the Service, while the block runs."""
    found = cluster.find(SERVICE.path(namespace, service))
    if found is None:
        message = f"there is no Service {service} in namespace {namespace}: check the name and --namespace"
        raise StepError(ExitCode.BAD_DATA, "NotFound", message)
    way = Way(cluster, found, port)
    way.open().close()  # what is refused is told here rather than by a closed connection
    with socket.create_server((LOCAL, 0)) as listener:
        threading.Thread(target=_serve, args=(listener, way), daemon=True).start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts


def _target(cluster: Cluster, service: Body, port: int) -> tuple[Body, int]:
    """A ready pod of the Service, and the port of it that the Service's port leads to."""
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    row = next((each for each in service["spec"].get("ports", ()) if each["port"] == port), None)
    selector = ",".join(f"{key}={value}" for key, value in (service["spec"].get("selector") or {}).items())
    if row is None or not selector:
        message = f"Service {name} in namespace {namespace} leads to no pod's port {port}: it is not Noria's"
        raise StepError(ExitCode.UNAVAILABLE, "NoPod", message)
    pods = [pod for pod in cluster.items(POD.path(namespace), labelSelector=selector) if _is_ready(pod)]
    if not pods:
        cure = "wait until one is ready, or see why with `noria status`"
        raise StepError(ExitCode.UNAVAILABLE, "NoPod", f"no pod of Service {name} in {namespace} is ready: {cure}")
    chosen = random.choice(pods)
    return chosen, _number(chosen, row.get("targetPort", port))


def _is_ready(pod: Body) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    is_ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return is_ready and "deletionTimestamp" not in pod["metadata"]


def _number(pod: Body, target: int | str) -> int:
    """The number of a port that a Service names."""
    if isinstance(target, int):
        return target
    ports = (port for container in pod["spec"]["containers"] for port in container.get("ports", ()))
    return next((int(port["containerPort"]) for port in ports if port.get("name") == target), 0)


def _refused(told: str, namespace: str, pod: str) -> StepError:
    told = told.partition(" -+-+- ")[0]  # headers follow
    if "403" in told:
        cure = "ask for the right to create pods/portforward there; the ClusterRole edit has it"
        message = f"you may not forward ports to pods in namespace {namespace}: {cure}"
        return StepError(ExitCode.NOT_PERMITTED, "NotPermitted", message)
    message = f"no port-forward to pod {pod} in namespace {namespace}: {told}: try again in a moment"
    return StepError(ExitCode.UNAVAILABLE, "Unreachable", message)


def _serve(listener: socket.socket, way: Way) -> None:
    """Lead every connection to a pod, until the listener is closed."""
    while True:
        try:
            taken, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_join, args=(taken, way), daemon=True).start()


def _join(taken: socket.socket, way: Way) -> None:
    with taken:
        try:
            far = way.open()
        except StepError:  # whoever connected sees the connection end, and tries again
            return
        back = threading.Thread(target=_copy, args=(far.near, taken), daemon=True)
        back.start()
        _copy(taken, far.near)
        back.join()
        far.close()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    """Everything that one end sends, to the other; then no more is sent to it."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
