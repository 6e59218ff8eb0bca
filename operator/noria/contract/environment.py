"""Names, paths and ports by which an order reaches a step and a report comes back."""

from collections.abc import Mapping

ORDER_VARIABLE = "NORIA_ORDER"
"""Environment variable that holds a step's order as JSON; what does not fit is in NORIA_ORDER_1 and so on."""
_PART = 30_000
"""Characters of an order per variable: Linux takes 128 KiB for one, and 2 MiB for all."""
REPORT_PATH = "/dev/termination-log"
"""Where a step writes its report, for the kubelet to pick up."""
REPORT_BYTES = 4096
"""What the kubelet keeps of a termination message."""
SOURCE_PREFIX = "SOURCE_"
"""Put before AWS_ACCESS_KEY_ID, ... for the credentials of a Dataset's source, where they differ from ours."""
STORE_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_REGION")
"""Keys of the Secret `noria-object-store` and of a source's `secretRef`, and the variables made from them."""
STORE_SECRET = "noria-object-store"
NETWORKS_VARIABLE = "NORIA_SOURCE_NETWORKS"
"""Comma-separated networks that sources and artifacts may be read from, besides the internet."""
FILES_VARIABLE = "NORIA_SOURCE_FILES"
"""`true` lets sources and artifacts be local paths: for a step outside of a pod."""
SCRATCH_PATH = "/scratch"
"""Writable disk of a step: downloads, caches and checkpoints."""
MODELS_PATH = "/models"
"""Where the puller puts MODEL/VERSION and the server looks for them."""
METRICS_PORT = 9090
"""Prometheus text of a running step."""
GRPC_PORT, REST_PORT = 8500, 8501
"""Ports of a model server, TensorFlow Serving's own."""


def order_variables(order: str) -> dict[str, str]:
    """The variables that hold an order.

    Several ones rather than a ConfigMap or an object in the bucket: they need no right, live and die with the Job, and
    even the largest order, a Dataset with the names of 2,000 columns, is smaller than what they can hold.
    """
    parts = [order[start : start + _PART] for start in range(0, len(order), _PART)]
    return {_variable(number): part for number, part in enumerate(parts)}


def order_in(environment: Mapping[str, str]) -> str:
    """The order that these variables hold; empty if there is none."""
    parts: list[str] = []
    while (name := _variable(len(parts))) in environment:
        parts.append(environment[name])
    return "".join(parts)


def _variable(number: int) -> str:
    return f"{ORDER_VARIABLE}_{number}" if number else ORDER_VARIABLE
