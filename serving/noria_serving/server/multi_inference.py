"""Several signatures of one model on the same examples, in one run.

Source: tensorflow_serving/servables/tensorflow/multi_inference.cc.
"""

from dataclasses import dataclass

from tensorflow_serving.apis.inference_pb2 import InferenceTask, MultiInferenceRequest, MultiInferenceResponse

from noria_serving.server import classification, regression
from noria_serving.server.classification import CLASSIFY
from noria_serving.server.example import serialized_examples
from noria_serving.server.metrics import Metrics
from noria_serving.server.regression import REGRESS
from noria_serving.server.servable import DEFAULT_SIGNATURE, Servable
from noria_serving.server.status import Code, ServingError, invalid_argument


@dataclass(frozen=True)
class Task:
    """One task of a request: what it feeds and fetches."""

    proto: InferenceTask
    feed: str
    fetches: dict[str, str]
    """Tensors by their role in the answer."""


def multi_inference(
    servable: Servable,
    version: int,
    request: MultiInferenceRequest,
    metrics: Metrics,
    timeout: float | None = None,
) -> MultiInferenceResponse:
    """The result of every task, in their order. Raises ServingError."""
    tasks = _tasks(servable, request)
    fetches = tuple(sorted({name for task in tasks for name in task.fetches.values()}))
    examples = serialized_examples(request.input)
    feeds = dict.fromkeys(sorted({task.feed for task in tasks}), examples)
    values = dict(zip(fetches, servable.run(feeds, fetches, timeout), strict=True))
    name = tasks[0].proto.model_spec.name
    metrics.request_example_counts.add(len(examples), name)
    metrics.request_example_count_total.add(name, count=len(examples))
    response = MultiInferenceResponse()
    for task in tasks:
        outputs = {role: values[tensor] for role, tensor in task.fetches.items()}
        answer = response.results.add()
        if task.proto.method_name == CLASSIFY:
            answer.classification_result.CopyFrom(classification.result(outputs, len(examples)))
        else:
            answer.regression_result.CopyFrom(regression.result(outputs[regression.OUTPUTS], len(examples)))
        answer.model_spec.name = name
        answer.model_spec.signature_name = task.proto.model_spec.signature_name or DEFAULT_SIGNATURE
        answer.model_spec.version.value = version
    return response


def _tasks(servable: Servable, request: MultiInferenceRequest) -> list[Task]:
    tasks: list[Task] = []
    seen: set[str] = set()
    for proto in request.tasks:
        _check_model(proto, request.tasks[0])
        name = proto.model_spec.signature_name or DEFAULT_SIGNATURE
        if name in seen:
            raise invalid_argument(f"Duplicate evaluation of signature: {name}")
        seen.add(name)
        tasks.append(_task(servable, proto, name))
    return tasks


def _check_model(proto: InferenceTask, first: InferenceTask) -> None:
    if not proto.model_spec.name:
        raise invalid_argument("Found ModelSpec with an empty model name.")
    if proto.model_spec.name != first.model_spec.name:
        raise invalid_argument("All ModelSpecs in a MultiInferenceRequest must access the same model name.")


def _task(servable: Servable, proto: InferenceTask, name: str) -> Task:
    signature = servable.signature(name)
    if signature is None:
        raise invalid_argument(f"Requested signature not found in model graph: {name}")
    if proto.method_name == CLASSIFY:
        return Task(proto, *classification.tensors(signature))
    if proto.method_name == REGRESS:
        feed, fetch = regression.tensors(signature)
        return Task(proto, feed, {regression.OUTPUTS: fetch})
    raise ServingError(Code.UNIMPLEMENTED, f"Unsupported signature method_name: {proto.method_name}")
