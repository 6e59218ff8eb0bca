"""Hostile requests: whatever comes, the answer is a client's error or a prediction, never a fault of the server.

NORIA_FUZZ_SECONDS (default 5) is the time for each of the paths.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.framework.types_pb2 import DataType
from tensorflow.core.protobuf.config_pb2 import ConfigProto
from tensorflow_serving.apis.predict_pb2 import PredictRequest

from noria_serving.server.catalog import Catalog, CatalogSettings
from noria_serving.server.config import ModelConfig
from noria_serving.server.core import Core
from noria_serving.server.loader import LoadSettings, load
from noria_serving.server.metrics import Metrics
from noria_serving.server.rest.api import Api
from noria_serving.server.rest.listener import Listener
from noria_serving.server.rest.message import BadMessage, parse_head
from noria_serving.server.rpc.listener import endpoints
from noria_serving.server.session import SessionSettings
from noria_serving.server.source import Source
from noria_serving.server.status import Code, ServingError

SECONDS = float(os.environ.get("NORIA_FUZZ_SECONDS", "5"))
LEAST = 150
"""Inputs for each of the paths, however slow the machine."""
HANG_SECONDS = 30
"""What takes longer is taken for a hang: all bodies are small and all models quick."""
FAULTS = (Code.INTERNAL, Code.UNKNOWN, Code.DATA_LOSS)
SIGNATURES = ["serving_default", "matrix", "pair", "strings", "scalar", "uneven", "echo_int8", "echo_bool", "echo_half"]
SIGNATURES += ["echo_int64", "echo_uint64", "echo_string", "echo_complex64", "nope", "__saved_model_init_op"]


@pytest.fixture(scope="module")
def core(golden: Path) -> Iterator[Core]:
    settings = LoadSettings(SessionSettings(ConfigProto()))
    source = Source({})
    catalog = Catalog(
        lambda _, version: load(Path(version.path), settings, Metrics()), source.versions, CatalogSettings(poll=0)
    )
    catalog.configure([ModelConfig("m", str(golden / "types"))])
    catalog.start()
    catalog.wait_until_ready()
    yield Core(catalog)
    catalog.stop()


def fuzz(strategy: st.SearchStrategy[Any], check: Callable[[Any], None]) -> int:
    """Check what the strategy makes up until the time is over, but `LEAST` inputs; how many these were."""
    count, rounds, end = 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < end or count <= LEAST:
        rounds += 1

        @seed(rounds if SECONDS <= 5 else time.time_ns())
        @settings(
            max_examples=50,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def one_round(value: Any) -> None:
            nonlocal count
            began = time.monotonic()
            if began < end or count <= LEAST:
                count += 1
                check(value)
                assert time.monotonic() - began < HANG_SECONDS

        one_round()
    print(f"{count:,} inputs")
    return count


numbers = st.one_of(st.integers(), st.floats(), st.integers(-300, 300), st.booleans())
leaves = st.one_of(
    numbers, st.text(max_size=8), st.none(), st.builds(lambda t: {"b64": t}, st.text("aA0+/= %", max_size=9))
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "x", "s", "b64", "z"]), inner, max_size=3),
    ),
    max_leaves=12,
)
features = st.dictionaries(
    st.sampled_from(["a", "b", "x", ""]), st.one_of(leaves, st.lists(leaves, max_size=3)), max_size=3
)
documents = st.one_of(
    st.fixed_dictionaries({"signature_name": st.sampled_from(SIGNATURES), "instances": st.lists(values, max_size=4)}),
    st.fixed_dictionaries({"signature_name": st.sampled_from(SIGNATURES), "inputs": values}),
    st.fixed_dictionaries({"examples": st.lists(features, max_size=3)}, optional={"context": features}),
    st.dictionaries(st.sampled_from(["signature_name", "instances", "inputs", "examples", "context"]), values),
    values,
)


@st.composite
def images(draw: st.DrawFn) -> bytes:
    """Many short lists of numbers, which have a reader of their own; whole, or with something else at one place."""
    rows, columns = draw(st.integers(1, 20)), draw(st.integers(8, 20))
    number = draw(numbers)
    text = json.dumps({draw(st.sampled_from(["instances", "inputs"])): [[[number]] * columns] * rows}).encode()
    at, junk = draw(st.integers(0, len(text))), draw(st.one_of(st.binary(max_size=4), st.text("[],1-.e ", max_size=4)))
    cut = draw(st.integers(0, 4))
    return text[:at] + (junk if isinstance(junk, bytes) else junk.encode()) + text[at + cut :]


bodies = st.one_of(
    images(),
    documents.map(lambda document: json.dumps(document).encode()),
    st.tuples(documents, st.integers(0, 60), st.binary(max_size=6)).map(
        lambda t: (lambda text: text[: t[1]] + t[2] + text[t[1] + 1 :])(json.dumps(t[0]).encode())
    ),
    st.text('{}[]",:0123456789.eE+-truefalsnINFity\\u "', max_size=60).map(str.encode),
    st.binary(max_size=60),
)


def test_any_json_is_answered(core: Core) -> None:
    api = Api(core, timeout=10)

    def check(request: tuple[str, bytes]) -> None:
        verb, body = request
        head = parse_head(f"POST /v1/models/m:{verb} HTTP/1.1\r\nContent-Length: {len(body)}".encode())
        answer = api.answer(head, body)
        assert answer.status in (200, 400, 501), answer.body
        json.loads(answer.body.decode("utf-8", "replace"))

    assert fuzz(st.tuples(st.sampled_from(["predict", "classify", "regress"]), bodies), check) > LEAST


def test_any_path_and_header_is_answered(core: Core) -> None:
    api = Api(core)
    words = st.sampled_from(
        ["/", "v1", "models", "m", "versions", "1", "labels", ":", "predict", "metadata", "%", "%zz"]
    )
    paths = st.lists(st.one_of(words, st.text(max_size=4)), max_size=9).map(
        lambda parts: "/v1/models/" + "".join(parts)
    )
    lines = st.one_of(
        st.tuples(st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "HEAD"]), paths).map(" ".join), st.text(max_size=30)
    )

    def check(line: str) -> None:
        try:
            head = parse_head(f"{line} HTTP/1.1\r\nContent-Encoding: gzip".encode("utf-8", "replace"))
        except BadMessage:
            return
        assert api.answer(head, b"").status in (200, 400, 404), line

    assert fuzz(lines, check) > LEAST


@pytest.fixture
def port(core: Core) -> Iterator[int]:
    listener = Listener(Api(core, timeout=10), 0, 2)
    listener.start()
    yield listener.port
    listener.drain(1)


def until_it_ends(port: int, data: bytes) -> bytes:
    """What a connection gets that sends these bytes and no more."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), HANG_SECONDS) as wire, contextlib.suppress(ConnectionError):
        wire.sendall(data)
        wire.shutdown(socket.SHUT_WR)
        while more := wire.recv(65536):
            found += more
    return found


def test_any_bytes_on_the_port_end_the_connection_at_most(port: int) -> None:
    good = b'POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 18\r\nConnection: close\r\n\r\n{"instances": [1]}'
    pieces = st.sampled_from(
        [
            *(
                b"GET ",
                b"POST ",
                b"/v1/models/m",
                b" HTTP/1.1",
                b" HTTP/2.0",
                b"\r\n",
                b"\r\n\r\n",
                b": ",
                b"18",
                b"-1",
            ),
            *(b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n"),
            *(b"0\r\n", b"5;a\r\n", good),
        ]
    )
    streams = st.lists(st.one_of(pieces, st.binary(max_size=8)), max_size=12).map(b"".join)

    def check(stream: bytes) -> None:
        found = until_it_ends(port, stream)
        assert found == b"" or found.startswith(b"HTTP/1.1 "), found
        with socket.create_connection(("127.0.0.1", port), HANG_SECONDS) as wire:
            wire.sendall(good)
            assert wire.recv(100).startswith(b"HTTP/1.1 200 "), stream

    assert fuzz(streams, check) > LEAST


shapes = st.lists(st.one_of(st.integers(-2, 4), st.integers(-(2**63), 2**63 - 1)), max_size=3)


@st.composite
def tensors(draw: st.DrawFn) -> TensorProto:
    proto = TensorProto(dtype=draw(st.one_of(st.sampled_from(DataType.values()), st.integers(0, 200))))
    for size in draw(shapes):
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_shape.unknown_rank = draw(st.sampled_from([False] * 9 + [True]))
    proto.tensor_content = draw(st.one_of(st.just(b""), st.binary(max_size=40)))
    proto.float_val.extend(draw(st.lists(st.floats(width=32), max_size=5)))
    proto.int_val.extend(draw(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5)))
    proto.int64_val.extend(draw(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5)))
    proto.string_val.extend(draw(st.lists(st.binary(max_size=5), max_size=5)))
    proto.half_val.extend(draw(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3)))
    proto.scomplex_val.extend(draw(st.lists(st.floats(width=32), max_size=5)))
    return proto


@st.composite
def predictions(draw: st.DrawFn) -> bytes:
    request = PredictRequest(model_spec={"name": "m", "signature_name": draw(st.sampled_from(SIGNATURES))})
    for name in draw(st.lists(st.sampled_from(["x", "a", "b", "s"]), max_size=3, unique=True)):
        request.inputs[name].CopyFrom(draw(tensors()))
    request.output_filter.extend(draw(st.lists(st.sampled_from(["y", "sum", "q"]), max_size=2)))
    data = bytes(request.SerializeToString())
    cut = draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))
    return data[:cut] + draw(st.one_of(st.just(b""), st.binary(max_size=4)))


def test_any_message_is_answered(core: Core) -> None:
    services = endpoints(core, as_content=False)
    methods = [method for service in services.values() for name, method in service.items() if "Reload" not in name]

    def check(request: tuple[Any, bytes]) -> None:
        method, data = request
        code = Code.OK
        try:
            assert isinstance(method.call(method.request.FromString(data), 10.0), bytes)
        except DecodeError:
            return
        except ServingError as error:
            code, data = error.code, error.message.encode()
        assert code not in FAULTS, data

    assert fuzz(st.tuples(st.sampled_from(methods), st.one_of(predictions(), st.binary(max_size=40))), check) > LEAST
