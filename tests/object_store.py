"""SeaweedFS on free ports of this machine: the store of the tests, and the chart's as its own test starts it."""

import json
import socket
import subprocess
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from minio import Minio

ROOT = Path(__file__).resolve().parents[1]
KEY, SECRET = "noria", "noria-secret-0123456789"


@dataclass(frozen=True)
class ObjectStore:
    """A running SeaweedFS and one user's keys."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """The AWS_* variables with which our steps reach it."""
        return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": self.endpoint}

    @property
    def client(self) -> Minio:
        """A client with the right keys."""
        return Minio(
            self.endpoint.removeprefix("http://"), access_key=KEY, secret_key=SECRET, secure=False, region="us-east-1"
        )

    def bucket(self) -> str:
        """The name of a bucket made for the caller."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.client.make_bucket(name)
        return name


def weed_server(folder: Path, ports: list[int]) -> list[str]:
    """The command that serves S3 on the first of eight ports, with one user, from an empty folder."""
    identity = {
        "name": "test",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    names = ("s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc", "master.port", "master.port.grpc")
    flags = [f"-{name}={port}" for name, port in zip((*names, "volume.port", "volume.port.grpc"), ports, strict=True)]
    return [
        weed(), "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
        f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
        "-master.volumeSizeLimitMB=64", "-volume.max=10000", "-master.telemetry=false", *flags,
    ]  # fmt: skip


def weed() -> str:
    """The program that the local cluster uses too; fetched into the user's cache when it is not there."""
    fetch = "source localcluster/common.sh; source localcluster/programs.sh; get_tools >&2; command -v weed"
    found = subprocess.run(["bash", "-ec", fetch], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return found.stdout.strip()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_until_it_answers(store: ObjectStore, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Returns once an object could be written and read; fails with the server's log."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            store.client.list_buckets()
            return
        except (urllib3.exceptions.HTTPError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the object store does not answer: {log.read_text(errors='replace')[-2000:]}")
