"""TensorFlow Serving's REST interface: paths, verbs and bodies to answers. Used by `server.assembly`.

Source: tensorflow_serving/model_servers/http_rest_api_handler.cc, http_rest_api_util.cc, http_server.cc.
"""

import re
import time
import zlib
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import structlog
from google.protobuf import json_format
from google.protobuf.message import Message
from tensorflow_serving.apis.get_model_metadata_pb2 import SignatureDefMap
from tensorflow_serving.apis.model_pb2 import ModelSpec

from noria_serving.server.classification import classify
from noria_serving.server.codec import json_output
from noria_serving.server.codec.json_example import examples_request
from noria_serving.server.codec.json_input import Form, Types, predict_request
from noria_serving.server.core import SIGNATURE_DEF, Core
from noria_serving.server.inference import predict
from noria_serving.server.regression import regress
from noria_serving.server.rest.message import Head, Response, page
from noria_serving.server.servable import DEFAULT_SIGNATURE, Servable
from noria_serving.server.status import HTTP_STATUS, Code, ServingError, invalid_argument

log = structlog.get_logger()
_POST = re.compile(
    r"/v1/models/([^/:]+)(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?:(classify|regress|predict)", re.I | re.A
)
_GET = re.compile(r"/v1/models(?:/([^/:]+))?(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?(?:/(metadata))?", re.I | re.A)
_OURS = re.compile(r"/v1/.*", re.I | re.S)
_ORIGIN = re.compile("https?://")
_HTML = "text/html; charset=ISO-8859-1"
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Content-Type",
}
QUICK_BYTES = 32 << 10
"""What is parsed as soon as a thread would have taken it: parsing holds Python's lock in any thread."""
MOST_UNPACKED = 100 << 20
"""Bytes of a body out of gzip (ZLib::kMaxUncompressedBytes)."""
_SIZE_BYTES = 4
"""Of a gzip text's end, which say how long it is unpacked (RFC 1952, 2.3.1)."""


@dataclass(frozen=True)
class Target:
    """What a path names. A field is none where the path has no such part."""

    name: str
    version: int | None
    label: str | None
    action: str | None
    """predict, classify, regress, metadata."""

    def spec(self) -> ModelSpec:
        """The same as a message."""
        spec = ModelSpec(name=self.name)
        if self.version is not None:
            spec.version.value = self.version
        if self.label is not None:
            spec.version_label = self.label
        return spec


class Api:
    """Answers HTTP requests about the models of `core`."""

    def __init__(
        self, core: Core, *, cors: bool = False, metrics_path: str | None = None, timeout: float | None = None
    ) -> None:
        self._core, self._metrics_path = core, metrics_path
        self._headers, self._timeout = _CORS if cors else {}, timeout

    def is_quick(self, head: Head, size: int) -> bool:
        """Whether to answer in the event loop: small requests to a model that has been fast."""
        if head.method != "POST":
            return head.target != self._metrics_path and not self._core.siblings
        if size > QUICK_BYTES:
            return False
        try:
            target = _parsed(_POST, head.target)
            return target is None or self._found(target)[1].is_quick
        except ServingError:
            return True

    def answer(self, head: Head, body: bytes) -> Response:
        """The answer; an error of any kind is one too."""
        path = head.target.partition("?")[0]
        if path == self._metrics_path:
            return self._metrics(head.target)
        if not _OURS.fullmatch(path):
            return page(404)
        start = time.perf_counter()
        if head.method == "OPTIONS":
            return self._preflight(head, start)
        target: Target | None = None
        try:
            target = _target(head)
            text = self._answer(target, head, body)
        except ServingError as error:
            return self._count_error(target, error)
        except Exception:
            log.exception("request failed", method=head.method)
            return self._count_error(target, ServingError(Code.INTERNAL, "Internal error"))
        self._count(target.name, target.action or "" if head.method == "POST" else "", start)
        return Response(200, text.encode("utf-8", "surrogateescape"), headers=self._headers)

    def _metrics(self, target: str) -> Response:
        if target == self._metrics_path:
            return Response(200, self._core.metrics_page().encode(), "text/plain")
        text = f"Unexpected path: {target}. Should be {self._metrics_path}"
        return Response(400, text.encode("latin-1"), "text/plain")

    def _preflight(self, head: Head, start: float) -> Response:
        """Whether a browser may send a request to another origin's server."""
        if _ORIGIN.search(head.headers.get("origin", "")):
            self._count("", "", start)
            return Response(200, b"", _HTML, headers=self._headers)
        self._core.metrics.request_count.add("", Code.FAILED_PRECONDITION.name)
        return Response(400, b"", _HTML, headers=self._headers)

    def _count(self, name: str, verb: str, start: float) -> None:
        metrics = self._core.metrics
        metrics.request_count.add(name, Code.OK.name)
        metrics.request_latency.add((time.perf_counter() - start) * 1e6, name, verb, "REST")

    def _count_error(self, target: Target | None, error: ServingError) -> Response:
        self._core.metrics.request_count.add(target.name if target else "", error.code.name)
        body = json_output.error(error.message).encode("utf-8", "surrogateescape")
        return Response(HTTP_STATUS[error.code], body, headers=self._headers)

    def _answer(self, target: Target, head: Head, body: bytes) -> str:
        if head.method == "POST":
            verb = {"classify": self._classify, "regress": self._regress}.get(target.action or "", self._predict)
            return verb(target, _unpacked(head, body))
        if not target.name:
            raise invalid_argument("Missing model name in request.")
        if target.action == "metadata":
            return self._metadata(target)
        return _json(self._core.status(target.spec()))

    def _found(self, target: Target) -> tuple[int, Servable]:
        return self._core.catalog.find(target.name, target.version, target.label)

    def _predict(self, target: Target, body: bytes) -> str:
        found: list[Servable] = []

        def types_of(name: str) -> Types:
            found.append(self._found(target)[1])
            return _types(found[0], name)

        name, form, inputs = predict_request(body, types_of)
        servable = found[0]
        with self._core.timed(target.name, "Predict"):
            outputs = predict(servable, name, inputs, timeout=self._timeout)
        return json_output.rows(outputs) if form is Form.ROWS else json_output.columns(outputs)

    def _classify(self, target: Target, body: bytes) -> str:
        name, examples = examples_request(body)
        _, servable = self._found(target)
        with self._core.timed(target.name, "Classify"):
            result = classify(servable, name, examples, self._timeout)
        return json_output.classifications(result)

    def _regress(self, target: Target, body: bytes) -> str:
        name, examples = examples_request(body)
        _, servable = self._found(target)
        with self._core.timed(target.name, "Regress"):
            result = regress(servable, name, examples, self._timeout)
        return json_output.regressions(result)

    def _metadata(self, target: Target) -> str:
        response = self._core.metadata(target.spec(), [SIGNATURE_DEF])
        signatures = SignatureDefMap()
        response.metadata[SIGNATURE_DEF].Unpack(signatures)
        spec, signature_def = _json(response.model_spec), _json(signatures)
        return f'{{\n"model_spec":{spec},\n"metadata": {{"signature_def": {signature_def}}}\n}}\n'


def _types(servable: Servable, name: str) -> Types:
    signature = servable.signature(name)
    if signature is None:
        raise invalid_argument(f'Serving signature name: "{name or DEFAULT_SIGNATURE}" not found in signature def')
    return signature.types


def _target(head: Head) -> Target:
    target = None
    if head.method in ("GET", "POST"):
        target = _parsed(_POST if head.method == "POST" else _GET, head.target)
    if target is None:
        path = head.target.encode("latin-1").decode("utf-8", "surrogateescape")
        raise invalid_argument(f"Malformed request: {head.method} {path}")
    return target


@lru_cache(maxsize=512)
def _parsed(pattern: re.Pattern[str], path: str) -> Target | None:
    match = pattern.fullmatch(path)
    if match is None:
        return None
    name, version, label, action = match.groups()
    if version is not None and int(version) >= 2**63:
        raise invalid_argument(f"Failed to convert version: {version} to numeric.")
    return Target(
        name=_decoded(name or ""),
        version=None if version is None else int(version),
        label=None if label is None else _decoded(label),
        action=None if action is None else action.lower(),
    )


def _decoded(text: str) -> str:
    """A name out of a path, whose bytes are given as latin-1. What is no UTF-8 names no model."""
    return unquote_to_bytes(text.encode("latin-1")).decode("utf-8", "replace")


def _unpacked(head: Head, body: bytes) -> bytes:
    """The body, out of its gzip if it came in one; nothing where that is broken, too large or longer than it says."""
    if "gzip" not in head.headers.get("content-encoding", "").lower():
        return body
    size = int.from_bytes(body[-_SIZE_BYTES:], "little")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, size + 1) if size <= MOST_UNPACKED else b""
    except zlib.error:
        data = b""
    if unpacker.eof and not unpacker.unused_data:
        return data
    log.warning("the body is no gzip of the size that it says", bytes=len(body), size=size, most=MOST_UNPACKED)
    return b""


def _json(message: Message) -> str:
    text = json_format.MessageToJson(
        message, always_print_fields_with_no_presence=True, preserving_proto_field_name=True, indent=1
    )
    return f"{text}\n"
