"""How the gRPC port is reached: TLS, mutual TLS, Unix sockets, channel arguments."""

import contextlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest
from tensorflow_serving.apis.model_service_pb2_grpc import ModelServiceStub

Start = Callable[..., Any]
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Pair:
    """A private key and its certificate, as PEM."""

    key: bytes
    certificate: bytes


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def issue(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pair]:
    """Makes key pairs that the authority `ca` has signed; that of the name `ca` is its own."""
    folder = tmp_path_factory.mktemp("pki")
    at = lambda name: str(folder / name)  # noqa: E731
    openssl(
        "req", "-x509", *CURVE, "-subj", "/CN=ca", "-keyout", at("ca.key"), "-out", at("ca.crt"), "-days", "2"
    )  # fmt: skip
    (folder / "names").write_text("subjectAltName=DNS:localhost")

    def pair(name: str) -> Pair:
        if not (folder / f"{name}.crt").exists():
            openssl("req", *CURVE, "-subj", f"/CN={name}", "-keyout", at(f"{name}.key"), "-out", at(f"{name}.csr"))
            signed = ("-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-CAcreateserial", "-extfile", at("names"))
            openssl("x509", "-req", *signed, "-days", "2", "-in", at(f"{name}.csr"), "-out", at(f"{name}.crt"))
        return Pair((folder / f"{name}.key").read_bytes(), (folder / f"{name}.crt").read_bytes())

    return pair


def versions(target: str, credentials: grpc.ChannelCredentials | None) -> list[int]:
    channel = grpc.secure_channel(target, credentials) if credentials else grpc.insecure_channel(target)
    with contextlib.closing(channel):
        request = GetModelStatusRequest(model_spec={"name": "default"})
        answer = ModelServiceStub(channel).GetModelStatus(request, timeout=60)
    return [found.version for found in answer.model_version_status]


def refusal(target: str, credentials: grpc.ChannelCredentials | None) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        versions(target, credentials)
    return caught.value.code()


def test_tls_and_mutual_tls_come_from_the_ssl_file(
    start: Start, golden: Path, tmp_path: Path, issue: Callable[[str], Pair]
) -> None:
    ca, ours, client = issue("ca"), issue("server"), issue("client")
    lines = [
        f"{name}: {text.decode()!r}" for name, text in (("server_key", ours.key), ("server_cert", ours.certificate))
    ]
    ssl = tmp_path / "ssl.config"
    knows = grpc.ssl_channel_credentials(ca.certificate)
    proves = grpc.ssl_channel_credentials(ca.certificate, client.key, client.certificate)

    ssl.write_text("\n".join(lines))
    server = start(f"--model_base_path={golden}/half_plus_two", f"--ssl_config_file={ssl}")
    target = f"localhost:{server.rpc}"
    assert versions(target, knows) == [1]
    assert refusal(target, None) is grpc.StatusCode.UNAVAILABLE, "no plain text on a TLS port"
    assert refusal(target, grpc.ssl_channel_credentials()) is grpc.StatusCode.UNAVAILABLE, "an unknown authority"
    assert server.get("/v1/models/default").status == 200, "REST is never TLS"

    ssl.write_text("\n".join([*lines, f"custom_ca: {ca.certificate.decode()!r}", "client_verify: true"]))
    server = start(f"--model_base_path={golden}/half_plus_two", f"--ssl_config_file={ssl}")
    target = f"localhost:{server.rpc}"
    assert versions(target, proves) == [1]
    assert refusal(target, knows) is grpc.StatusCode.UNAVAILABLE, "a client without a certificate"


def test_channel_arguments_reach_the_server_and_ports_may_be_off(start: Start, golden: Path, tmp_path: Path) -> None:
    socket = tmp_path / "socket"
    server = start(
        "--port=0",
        f"--grpc_socket_path={socket}",
        "--grpc_channel_arguments=grpc.max_receive_message_length=100,grpc.primary_user_agent=noria",
        f"--model_base_path={golden}/half_plus_two",
    )
    assert versions(f"unix:{socket}", None) == [1]
    large = GetModelStatusRequest(model_spec={"name": "x" * 200})
    with grpc.insecure_channel(f"unix:{socket}") as channel, pytest.raises(grpc.RpcError) as caught:
        ModelServiceStub(channel).GetModelStatus(large, timeout=60)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refusal(f"localhost:{server.rpc}", None) is grpc.StatusCode.UNAVAILABLE
