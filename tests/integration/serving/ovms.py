"""Asks a server through ovmsclient and prints the answers as JSON: `python ovms.py RPC_PORT REST_PORT`.

A process of its own: the package brings messages of the same names as TensorFlow's.
"""

import json
import sys
from typing import Any

import numpy as np
import ovmsclient


def answers(client: Any) -> dict[str, Any]:
    """What one client gets to see. It names the version: its 0 for the latest is OpenVINO's, not the original's."""
    state = client.get_model_status(model_name="half_plus_two", model_version=1)[1]
    inputs = {"x": np.array([1, 2], np.float32)}
    found = {
        "state": [state["state"], state["error_code"]],
        "predict": client.predict(inputs=inputs, model_name="half_plus_two", model_version=1).tolist(),
    }
    for name, given in (("half_plus_two", {"z": [1.0]}), ("nope", inputs)):
        try:
            client.predict(inputs=given, model_name=name, model_version=1)
        except Exception as error:
            found[name] = type(error).__name__
    return found


def main(rpc: str, rest: str) -> None:
    """Both clients of the package."""
    clients = {
        "grpc": ovmsclient.make_grpc_client(f"localhost:{rpc}"),
        "http": ovmsclient.make_http_client(f"localhost:{rest}"),
    }
    print(json.dumps({name: answers(client) for name, client in clients.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
