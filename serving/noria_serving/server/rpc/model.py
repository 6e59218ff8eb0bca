"""tensorflow.serving.ModelService: the state of models. Registered by `rpc.listener`."""

from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest

from noria_serving.server.core import Core
from noria_serving.server.status import invalid_argument


class ModelService:
    """The methods of the service; each returns a serialized message. All raise ServingError."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def get_model_status(self, request: GetModelStatusRequest) -> bytes:
        """A GetModelStatusResponse."""
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        return bytes(self._core.status(request.model_spec).SerializeToString())
