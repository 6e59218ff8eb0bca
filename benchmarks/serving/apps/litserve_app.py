"""The model behind LitServe: `python litserve_app.py HTTP_PORT`."""

import sys
from typing import Any

import litserve
from saved_model import SavedModel


class Served(litserve.LitAPI):
    """Rows in, rows out."""

    def setup(self, device: str) -> None:
        self._model = SavedModel()

    def predict(self, x: Any) -> Any:
        return {"predictions": self._model.predict(x["instances"]).tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Served(), accelerator="cpu", devices=1, workers_per_device=1)
    server.run(port=int(sys.argv[1]), num_api_servers=1, log_level="warning", generate_client_file=False)
