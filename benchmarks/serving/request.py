"""What a request to each server looks like, and the check that it is answered.

gRPC messages are put together by hand: TensorFlow in this process would share its pages with the servers that are
measured, and their memory would look smaller than it is.
"""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np

REST, GRPC = 18601, 18600
FLOAT, STRING = 1, 7
"""TensorFlow's numbers of its types."""


@dataclass(frozen=True)
class Request:
    """One request as the load generator repeats it."""

    url: str
    body: bytes
    headers: tuple[str, ...]
    is_grpc: bool = False

    def answered(self, timeout: float = 30) -> bytes:
        """The answer to it. Raises OSError or RpcError."""
        if self.is_grpc:
            target, _, method = self.url.removeprefix("http://").partition("/")
            with grpc.insecure_channel(target) as channel:
                call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{method}")
                return call(self.body[5:], timeout=timeout)
        headers = dict(header.split(": ") for header in self.headers)
        with urllib.request.urlopen(urllib.request.Request(self.url, self.body, headers), timeout=timeout) as answer:
            return bytes(answer.read())

    def check(self, expected: list[float]) -> None:
        """Raises RuntimeError where the answer does not hold these numbers, one after another."""
        answer = self.answered()
        if self.is_grpc:
            size = 4 * len(expected)
            found = [np.frombuffer(answer[at : at + size], "<f4") for at in range(len(answer) - size + 1)]
        else:
            numbers = _numbers(json.loads(answer))
            found = [np.array(numbers[at : at + len(expected)]) for at in range(len(numbers) - len(expected) + 1)]
        if not any(np.allclose(values, expected, rtol=1e-3) for values in found):
            raise RuntimeError(f"{self.url} answered {answer[:500]!r}, not {expected}")


def _numbers(document: Any) -> list[float]:
    if isinstance(document, dict | list):
        items = document.values() if isinstance(document, dict) else document
        return [number for item in items for number in _numbers(item)]
    return [document] if isinstance(document, int | float) else []


def rest(server: str, rows: Any) -> Request:
    """A prediction over REST."""
    path, body = {
        "noria-server": ("/v1/models/m:predict", {"instances": rows}),
        "mlserver": ("/v2/models/m/infer", {"inputs": [_v2(rows)]}),
        "kserve": ("/v1/models/m:predict", {"instances": rows}),
        "bentoml": ("/predict", {"rows": rows}),
        "litserve": ("/predict", {"instances": rows}),
    }[server]
    return Request(f"http://127.0.0.1:{REST}{path}", json.dumps(body).encode(), ("content-type: application/json",))


def over_grpc(server: str, rows: Any) -> Request:
    """A prediction over gRPC: one length-prefixed message."""
    ours = server == "noria-server"
    path = "tensorflow.serving.PredictionService/Predict" if ours else "inference.GRPCInferenceService/ModelInfer"
    message = _tensorflow_message(rows) if ours else _v2_message(rows)
    body = b"\0" + len(message).to_bytes(4, "big") + message
    headers = ("content-type: application/grpc", "te: trailers")
    return Request(f"http://127.0.0.1:{GRPC}/{path}", body, headers, is_grpc=True)


def _v2(rows: Any) -> dict[str, Any]:
    array = np.array(rows)
    datatype = "BYTES" if array.dtype.kind == "U" else "FP32"
    return {"name": "x", "shape": list(array.shape), "datatype": datatype, "data": array.ravel().tolist()}


def _tensorflow_message(rows: Any) -> bytes:
    """PredictRequest: model_spec is field 1, inputs a map in field 2. Clients send many numbers as tensor_content."""
    array = np.array(rows)
    shape = _delimited(2, b"".join(_delimited(2, b"\x08" + _varint(size)) for size in array.shape))
    if array.dtype.kind == "U":
        kind, values = STRING, b"".join(_delimited(8, text.encode()) for text in array.ravel())
    else:
        kind, values = FLOAT, _delimited(4 if array.size > 1 else 5, array.astype("<f4").tobytes())
    tensor = b"\x08" + _varint(kind) + shape + values
    return _delimited(1, _delimited(1, b"m")) + _delimited(2, _delimited(1, b"x") + _delimited(2, tensor))


def _v2_message(rows: Any) -> bytes:
    """ModelInferRequest: model_name is field 1; inputs field 5 of name 1, datatype 2, shape 3 and contents 5."""
    given = _v2(rows)
    if given["datatype"] == "BYTES":
        contents = b"".join(_delimited(8, text.encode()) for text in given["data"])
    else:
        contents = _delimited(6, np.array(given["data"], "<f4").tobytes())
    shape = _delimited(3, b"".join(_varint(size) for size in given["shape"]))
    tensor = _delimited(1, b"x") + _delimited(2, given["datatype"].encode()) + shape + _delimited(5, contents)
    return _delimited(1, b"m") + _delimited(5, tensor)


def _varint(value: int) -> bytes:
    return bytes((value,)) if value < 128 else bytes((value & 127 | 128,)) + _varint(value >> 7)


def _delimited(number: int, data: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + _varint(len(data)) + data
