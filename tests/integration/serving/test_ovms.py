"""ovmsclient, which shares no code with TensorFlow, is served over gRPC and REST."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def found(server: Any) -> Any:
    command = [sys.executable, str(Path(__file__).with_name("ovms.py")), str(server.rpc), str(server.rest)]
    asked = subprocess.run(command, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_an_independent_client_is_answered(found: Any, protocol: str) -> None:
    assert found[protocol] == {
        "state": ["AVAILABLE", 0],
        "predict": [2.5, 3.0],
        "half_plus_two": "InvalidInputError",
        "nope": "ModelNotFoundError",
    }
