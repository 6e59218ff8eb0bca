"""A model server that answers from memory, for clients to ask."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from noria_client import Model

Answers = Callable[[httpx.Request], httpx.Response]


def tensor(dtype: str, *shape: int) -> dict[str, Any]:
    return {"dtype": dtype, "tensor_shape": {"dim": [{"size": str(each), "name": ""} for each in (-1, *shape)]}}


def signature(method: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    return {"method_name": f"tensorflow/serving/{method}", "inputs": inputs, "outputs": outputs, "defaults": {}}


EXAMPLES = {"inputs": tensor("DT_STRING")}
ROWS = {
    "classify": signature("classify", EXAMPLES, {"scores": tensor("DT_FLOAT", 2), "classes": tensor("DT_STRING", 2)})
}
TEXTS = {
    "serving_default": signature(
        "predict", {"text": tensor("DT_STRING")}, {"scores": tensor("DT_FLOAT", 2), "classes": tensor("DT_STRING", 2)}
    )
}
IMAGES = {"serving_default": {**TEXTS["serving_default"], "inputs": {"image_bytes": tensor("DT_STRING")}}}
NUMBERS = {"serving_default": signature("predict", {"x": tensor("DT_FLOAT")}, {"y": tensor("DT_FLOAT")})}

COUNTS = {"serving_default": signature("predict", {"x": tensor("DT_UINT8")}, {"y": tensor("DT_FLOAT")})}
VECTORS = {"serving_default": signature("predict", {"x": tensor("DT_UINT8", 1)}, {"y": tensor("DT_FLOAT")})}


@dataclass
class Played:
    """Answers metadata; each example of a request by `length` and `other` with the length of what was sent."""

    signatures: dict[str, Any]
    fails: list[httpx.Response | Exception] = field(default_factory=list)
    """What the next predictions get instead."""
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/metadata"):
            spec = {"name": "flowers", "signature_name": "", "version": "3"}
            return httpx.Response(
                200, json={"model_spec": spec, "metadata": {"signature_def": {"signature_def": self.signatures}}}
            )
        self.asked.append(request)
        if self.fails:
            failure = self.fails.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return httpx.Response(failure.status_code, headers=failure.headers, content=failure.content)
        return httpx.Response(200, json=_answer(json.loads(request.content)))

    @property
    def sent(self) -> list[list[Any]]:
        """The examples of each request."""
        bodies = [json.loads(request.content) for request in self.asked]
        return [body.get("examples") or body["instances"] for body in bodies]

    def model(self, **options: Any) -> Model:
        given: dict[str, Any] = {"transport": httpx.MockTransport(self), **options}
        return Model("http://flowers.shop:8501", **given)


def _answer(body: Any) -> Any:
    if "examples" in body:
        return {"results": [[["length", len(each)], ["other", 0.5]] for each in body["examples"]]}
    if body["instances"] and isinstance(body["instances"][0], int | float):
        return {"predictions": body["instances"]}
    return {
        "predictions": [{"scores": [len(str(each)), 0.5], "classes": ["length", "other"]} for each in body["instances"]]
    }
