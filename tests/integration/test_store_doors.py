"""The chart's embedded store, started as the chart starts it: whoever has no keys finds every port shut.

127.0.0.2 stands for another pod: what listens on all addresses answers there, what listens on 127.0.0.1 does not.
"""

import io
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import grpc
import pytest
import urllib3
import yaml
from minio import Minio
from minio.error import S3Error

from noria_store import bucket
from object_store import KEY, ROOT, SECRET, free_ports, weed

OUTSIDE = "127.0.0.2"
INSIDE = "127.0.0.1"
BUCKET, OBJECT = "noria", "datasets/team-a/patients/shard"
CONTENT = b"somebody's examples"
HTTP = ("filer.port", "master.port", "volume.port")
GRPC = tuple(f"{name}.grpc" for name in HTTP)
LISTEN = "0A"
"""The state of a listening socket in /proc/net/tcp."""
S3, S3_GRPC = "s3.port", "s3.port.grpc"
FLAGS = (S3, S3_GRPC, *HTTP, *GRPC)


@dataclass(frozen=True)
class Store:
    """A running store."""

    process: "subprocess.Popen[bytes]"
    ports: dict[str, int]
    certificate: Path
    """The folder with the store's own certificate and key."""

    def client(self, key: str | None = KEY, secret: str | None = SECRET) -> Minio:
        """An S3 client with these keys, or none."""
        return Minio(f"{OUTSIDE}:{self.ports[S3]}", key, secret, secure=False, region="us-east-1")

    def make_bucket(self) -> None:
        """What the chart's Job does."""
        keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        assert bucket.main(BUCKET, {**keys, "AWS_ENDPOINT_URL": f"http://{OUTSIDE}:{self.ports[S3]}"}) == 0
        assert self.client().bucket_exists(BUCKET)


def rendered() -> dict[str, Any]:
    """The pod of the store, as Helm makes it."""
    command = [str(Path(weed()).with_name("helm")), "template", "noria", str(ROOT / "helm/noria")]
    keys = f"objectStore.accessKey={KEY},objectStore.secretKey={SECRET}"
    command += [f"--set=objectStore.embedded.enabled=true,{keys}", "--show-only=templates/object-store.yaml"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    deployment = next(body for body in yaml.safe_load_all(done.stdout) if body["kind"] == "Deployment")
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


@contextmanager
def running(pod: dict[str, Any], folder: Path) -> Iterator[Store]:
    """The pod's containers one after the other, with its volumes in the folder and on free ports."""
    (store,) = pod["containers"]
    paths = {mount["mountPath"]: folder / mount["name"] for mount in store["volumeMounts"]}
    for path in paths.values():
        path.mkdir(exist_ok=True)

    def here(text: str) -> str:
        return re.sub(rf"(^|=)({'|'.join(paths)})(?=/|$)", lambda found: f"{found[1]}{paths[found[2]]}", text)

    for container in pod.get("initContainers", ()):
        subprocess.run([here(word) for word in container["command"]], check=True, capture_output=True)
    secrets = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    environment = {one["name"]: here(one.get("value") or secrets[one["name"]]) for one in store["env"]}
    ports = dict(zip(FLAGS, free_ports(len(FLAGS)), strict=True))
    command = [weed(), *map(here, store["args"]), *(f"-{name}={port}" for name, port in ports.items())]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
    try:
        running_store = Store(process, ports, folder / "certificate")
        wait_until_ready(running_store, folder / "log")
        yield running_store
    finally:
        process.kill()
        process.wait()


def wait_until_ready(store: Store, log: Path) -> None:
    """Returns once the pod's readiness probe would succeed and the store answers with keys."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and store.process.poll() is None:
        try:
            health = urllib3.request("GET", f"http://{OUTSIDE}:{store.ports[S3]}/healthz", retries=False)
            if health.status == 200:
                store.client().list_buckets()
                return
        except (urllib3.exceptions.HTTPError, OSError, S3Error):
            pass
        time.sleep(0.2)
    pytest.fail(f"the store does not answer: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The store, started a second time on the content of the first."""
    folder = tmp_path_factory.mktemp("embedded-store")
    pod = rendered()
    with running(pod, folder) as first:
        first.make_bucket()
        first.make_bucket()
        first.client().put_object(BUCKET, OBJECT, io.BytesIO(CONTENT), len(CONTENT))
    with running(pod, folder) as second:
        yield second


def test_who_has_the_keys_reads_what_an_earlier_pod_stored(store: Store) -> None:
    assert store.client().get_object(BUCKET, OBJECT).data == CONTENT


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        pytest.param(None, None, id="no keys"),
        pytest.param(KEY, "guessed-secret-0123456789", id="a guessed secret"),
        pytest.param("guessed", "guessed-secret-0123456789", id="guessed keys"),
    ],
)
def test_s3_answers_nobody_without_the_keys(store: Store, key: str | None, secret: str | None) -> None:
    stranger = store.client(key, secret)
    for ask in (
        lambda: stranger.get_object(BUCKET, OBJECT),
        lambda: stranger.remove_object(BUCKET, OBJECT),
        lambda: stranger.put_object(BUCKET, OBJECT, io.BytesIO(b"poison"), 6),
        lambda: list(stranger.list_objects(BUCKET, recursive=True)),
        lambda: stranger.list_buckets(),
    ):
        with pytest.raises(S3Error) as refused:
            ask()
        assert refused.value.response.status == 403
    assert store.client().get_object(BUCKET, OBJECT).data == CONTENT


@pytest.mark.parametrize("action", ["CreateUser", "CreateAccessKey", "ListUsers", "AssumeRole"])
def test_s3_makes_no_keys(store: Store, action: str) -> None:
    fields = {"Action": action, "UserName": "stranger", "RoleArn": "arn:aws:iam::role/any", "RoleSessionName": "any"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"http://{OUTSIDE}:{store.ports[S3]}/"
    answer = urllib3.request("POST", url, body=urlencode(fields), headers=headers, retries=False)
    assert answer.status in (400, 403, 405, 501)
    assert b"SecretAccessKey" not in answer.data


@pytest.mark.parametrize("door", HTTP)
@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_filer_master_and_volume_are_shut(store: Store, door: str, method: str) -> None:
    with pytest.raises(urllib3.exceptions.NewConnectionError):
        urllib3.request(method, f"http://{OUTSIDE}:{store.ports[door]}/buckets/{BUCKET}/{OBJECT}", retries=False)


@pytest.mark.parametrize("door", GRPC)
def test_their_grpc_ports_are_shut(store: Store, door: str) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((OUTSIDE, store.ports[door]), 5)


def test_only_s3_and_its_grpc_port_listen_for_others(store: Store) -> None:
    others = {port for address, port in listening(store.process.pid) if address != INSIDE}
    assert others == {store.ports[S3], store.ports[S3_GRPC]}


def listening(pid: int) -> set[tuple[str, int]]:
    """Address and port of every TCP socket on which the process listens; all of IPv6 is "::"."""
    opened = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    tables = [Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return {where(row[1]) for row in rows if row[3] == LISTEN and f"socket:[{row[9]}]" in opened}


def where(text: str) -> tuple[str, int]:
    """Address and port of a line of /proc/net/tcp: both in hexadecimal, the address in the machine's byte order."""
    address, port = text.split(":")
    is_ipv4 = len(address) == 8
    return socket.inet_ntoa(bytes.fromhex(address)[::-1]) if is_ipv4 else "::", int(port, 16)


def field(number: int, value: bytes) -> bytes:
    """A field of a protocol buffer: bytes, text or a message of less than 128 bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


@pytest.mark.parametrize("host", [OUTSIDE, INSIDE])
def test_grpc_makes_no_keys(store: Store, host: str) -> None:
    keys = field(1, b"stranger") + field(2, b"stranger-secret-0123456789")
    identity = field(1, b"stranger") + field(2, keys) + field(3, b"Admin")
    with grpc.insecure_channel(f"{host}:{store.ports[S3_GRPC]}") as channel:
        put: Callable[..., bytes] = channel.unary_unary("/messaging_pb.SeaweedS3IamCache/PutIdentity")
        with pytest.raises(grpc.RpcError) as refused:
            put(field(1, identity), timeout=10)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    with pytest.raises(S3Error):
        store.client("stranger", "stranger-secret-0123456789").get_object(BUCKET, OBJECT)


def test_grpc_trusts_the_certificate_of_this_start_alone(store: Store, tmp_path: Path) -> None:
    (made,) = rendered()["initContainers"]
    stranger = [word.replace("/certificate/", f"{tmp_path}/") for word in made["command"]]
    subprocess.run(stranger, check=True, capture_output=True)
    assert first_bytes(store, store.certificate)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        first_bytes(store, tmp_path)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        first_bytes(store, None)


def first_bytes(store: Store, certificate: Path | None) -> bytes:
    """What the gRPC port sends first to a client with the certificate in this folder."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if certificate:
        context.load_cert_chain(certificate / "tls.crt", certificate / "tls.key")
    with (
        socket.create_connection((OUTSIDE, store.ports[S3_GRPC]), 10) as plain,
        context.wrap_socket(plain) as wrapped,
    ):
        return wrapped.recv(9)
