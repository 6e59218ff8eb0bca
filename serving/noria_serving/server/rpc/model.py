"""tensorflow.serving.ModelService: the state of models, and other models. Registered by `rpc.listener`."""

from collections.abc import Callable

from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest
from tensorflow_serving.apis.model_management_pb2 import ReloadConfigRequest, ReloadConfigResponse

from noria_serving.server.core import Core
from noria_serving.server.status import Code, ServingError, invalid_argument


class ModelService:
    """The methods of the service; each returns a serialized message. All raise ServingError."""

    def __init__(self, core: Core, *, may_reload: bool) -> None:
        self._core, self._may_reload = core, may_reload

    def get_model_status(self, request: GetModelStatusRequest, timeout: float | None) -> bytes:
        """A GetModelStatusResponse."""
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        return bytes(self._core.status(request.model_spec).SerializeToString())

    def handle_reload_config(
        self, request: ReloadConfigRequest, timeout: float | None, is_wanted: Callable[[], bool]
    ) -> bytes:
        """A ReloadConfigResponse, once every model is available. Unlike the original it is given up when nobody waits
        for it, and it never says OK for a model that is not there, such as one that a request before this failed for.
        """
        if not self._may_reload:
            words = "HandleReloadConfigRequest is off: start the server with --enable_reload_config_requests"
            raise ServingError(Code.PERMISSION_DENIED, words)
        if request.config.WhichOneof("config") != "model_config_list":
            text = "ServerModelConfig type not supported by HandleReloadConfigRequest."
            raise invalid_argument(f"{text} Only ModelConfigList is currently supported")
        before = self._core.metrics_of_all().values(request.metric_names)
        self._core.reload(request.config, is_wanted)
        response = ReloadConfigResponse()
        response.status.error_code = Code.OK
        for name, value in self._core.metrics_of_all().values(request.metric_names).items():
            response.metric.add(name=name, int64_value_increase=value - before[name])
        return bytes(response.SerializeToString())
