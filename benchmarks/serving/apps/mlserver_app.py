"""The model as an MLServer runtime."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from saved_model import SavedModel


class Runtime(MLModel):
    """Named in model-settings.json."""

    async def load(self) -> bool:
        self._model = SavedModel()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        (given,) = payload.inputs
        rows = list(given.data) if given.datatype == "BYTES" else NumpyCodec.decode_input(given)
        output = NumpyCodec.encode_output("y", self._model.predict(rows))
        return InferenceResponse(model_name=self.name, outputs=[output])
