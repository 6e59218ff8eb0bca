"""What the server's image starts: `noria-server` with the model that the environment names.

As the script of TensorFlow Serving's image: MODEL_NAME and MODEL_BASE_PATH, then the flags that are given.
"""

import os
import sys
from typing import NoReturn

from noria.contract import GRPC_PORT, MODELS_PATH, REST_PORT
from noria_serving.__main__ import main as serve


def main() -> NoReturn:
    """Serve; flags that are given take precedence."""
    name = os.environ.get("MODEL_NAME", "model")
    base = f"{os.environ.get('MODEL_BASE_PATH', MODELS_PATH)}/{name}"
    own = [f"--port={GRPC_PORT}", f"--rest_api_port={REST_PORT}", f"--model_name={name}", f"--model_base_path={base}"]
    sys.argv[1:1] = own
    serve()


if __name__ == "__main__":
    main()
