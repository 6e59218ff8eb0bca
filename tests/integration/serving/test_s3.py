"""Base paths in an S3 bucket: versions are found, brought here, swapped, and what is unloaded leaves nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integration.serving.conftest import until

Start = Callable[..., Any]
PREDICT = "/v1/models/default:predict"
ZERO = {"instances": [0]}


@pytest.fixture
def upload(object_store: Any, golden: Path) -> Callable[[str, str, int], None]:
    def put(bucket: str, model: str, version: int) -> None:
        folder = golden / model / "1"
        files = [path for path in folder.rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda path: path.name == "saved_model.pb"):
            object_store.client.fput_object(bucket, f"models/m/{version}/{path.relative_to(folder)}", str(path))

    return put


def test_versions_in_a_bucket_are_served_and_swapped(
    start: Start, object_store: Any, upload: Callable[[str, str, int], None], tmp_path: Path
) -> None:
    bucket, scratch = object_store.bucket(), tmp_path / "scratch"
    scratch.mkdir()
    upload(bucket, "half_plus_two", 1)
    base = f"s3://{bucket}/models/m"
    flags = ("--load_retry_interval_micros=100000", "--max_num_load_retries=100", f"--model_base_path={base}")
    server = start(*flags, **object_store.environment, AWS_REGION="us-east-1", TMPDIR=str(scratch))
    assert server.post(PREDICT, ZERO).json == {"predictions": [2.0]}
    upload(bucket, "half_plus_three", 2)
    old = "/v1/models/default/versions/1"
    until(lambda: server.get(old).json["model_version_status"][0]["state"] == "END")
    assert server.post(PREDICT, ZERO).json == {"predictions": [3.0]}
    assert len(list(scratch.glob("noria-*"))) == 1, "what is unloaded leaves nothing behind"


def test_a_bucket_out_of_reach_is_waited_for(start: Start, object_store: Any, golden: Path) -> None:
    environment = {**object_store.environment, "AWS_SECRET_ACCESS_KEY": "wrong", "AWS_REGION": "us-east-1"}
    server = start(f"--model_base_path=s3://{object_store.bucket()}/m", wait=False, **environment)
    server.until_it_says("Could not find base path")
    server.until_it_says("SignatureDoesNotMatch")
    assert server.process.poll() is None
