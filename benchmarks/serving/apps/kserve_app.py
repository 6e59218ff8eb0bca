"""The model behind KServe's Python server: `python kserve_app.py HTTP_PORT GRPC_PORT`."""

import sys
from typing import Any

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from saved_model import SavedModel


class Served(Model):
    """Answers the first version of KServe's protocol over REST and the second over gRPC."""

    def __init__(self) -> None:
        super().__init__("m")
        self._model = SavedModel()
        self.ready = True

    async def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        if not isinstance(payload, InferRequest):
            return {"predictions": self._model.predict(payload["instances"]).tolist()}
        (given,) = payload.inputs
        found = self._model.predict(given.as_numpy())
        output = InferOutput("y", list(found.shape), "FP32")
        output.set_data_from_numpy(found, binary_data=False)
        return InferResponse(payload.id, self.name, [output])


if __name__ == "__main__":
    server = ModelServer(http_port=int(sys.argv[1]), grpc_port=int(sys.argv[2]), workers=1, access_log_format=None)
    server.start([Served()])
