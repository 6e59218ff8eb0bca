"""tensorflow.serving.PredictionService: bytes in, bytes out. Registered by `rpc.listener`.

Answers are put together as bytes, which spares a message object and a walk over its values.
"""

from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow_serving.apis.classification_pb2 import ClassificationRequest, ClassificationResponse
from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataRequest
from tensorflow_serving.apis.inference_pb2 import MultiInferenceRequest
from tensorflow_serving.apis.model_pb2 import ModelSpec
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.regression_pb2 import RegressionRequest, RegressionResponse

from noria_serving.server.classification import classify
from noria_serving.server.codec.dtype import varint
from noria_serving.server.codec.tensor_proto import Array, to_array, to_bytes
from noria_serving.server.core import Core
from noria_serving.server.inference import predict
from noria_serving.server.multi_inference import multi_inference
from noria_serving.server.regression import regress
from noria_serving.server.servable import DEFAULT_SIGNATURE
from noria_serving.server.status import ServingError, invalid_argument


class Prediction:
    """The methods of the service; each returns a serialized message. All raise ServingError.

    `timeout` is what is left to the client's deadline, in seconds.
    """

    def __init__(self, core: Core, *, as_content: bool = False) -> None:
        self._core, self._as_content = core, as_content

    def predict(self, request: PredictRequest, timeout: float | None) -> bytes:
        """A PredictResponse."""
        spec = request.model_spec
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        version, servable = self._core.find(spec)
        inputs = {alias: _array(alias, tensor) for alias, tensor in request.inputs.items()}
        with self._core.timed(spec.name, "Predict"):
            outputs = predict(servable, spec.signature_name, inputs, request.output_filter, timeout)
        return self._response(answering(spec, version), outputs)

    def _response(self, spec: ModelSpec, outputs: dict[str, Array]) -> bytes:
        """A PredictResponse: field 1 is the map of outputs, field 2 the ModelSpec."""
        parts = [
            _field(1, _field(1, alias.encode()) + _field(2, to_bytes(value, self._as_content)))
            for alias, value in outputs.items()
        ]
        parts.append(_field(2, spec.SerializeToString()))
        return b"".join(parts)

    def classify(self, request: ClassificationRequest, timeout: float | None) -> bytes:
        """A ClassificationResponse."""
        spec = request.model_spec
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        version, servable = self._core.find(spec)
        with self._core.timed(spec.name, "Classify"):
            result = classify(servable, spec.signature_name, request.input, timeout)
        return bytes(ClassificationResponse(model_spec=answering(spec, version), result=result).SerializeToString())

    def regress(self, request: RegressionRequest, timeout: float | None) -> bytes:
        """A RegressionResponse."""
        spec = request.model_spec
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        version, servable = self._core.find(spec)
        with self._core.timed(spec.name, "Regress"):
            result = regress(servable, spec.signature_name, request.input, timeout)
        return bytes(RegressionResponse(model_spec=answering(spec, version), result=result).SerializeToString())

    def multi_inference(self, request: MultiInferenceRequest, timeout: float | None) -> bytes:
        """A MultiInferenceResponse."""
        version, servable = self._core.find(request.tasks[0].model_spec if request.tasks else ModelSpec())
        response = multi_inference(servable, version, request, self._core.metrics, timeout)
        return bytes(response.SerializeToString())

    def get_model_metadata(self, request: GetModelMetadataRequest, timeout: float | None) -> bytes:
        """A GetModelMetadataResponse."""
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        response = self._core.metadata(request.model_spec, list(request.metadata_field))
        return bytes(response.SerializeToString())


def answering(spec: ModelSpec, version: int) -> ModelSpec:
    """The ModelSpec of an answer: the version that ran and the signature's full name."""
    answer = ModelSpec(name=spec.name, signature_name=spec.signature_name or DEFAULT_SIGNATURE)
    answer.version.value = version
    return answer


def _array(alias: str, tensor: TensorProto) -> Array:
    try:
        return to_array(tensor)
    except ServingError as error:
        raise invalid_argument(f"{error.message}: {alias}") from None


def _field(number: int, data: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + varint(len(data)) + data
