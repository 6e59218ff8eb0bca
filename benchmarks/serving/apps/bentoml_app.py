"""The model as a BentoML service: `bentoml serve bentoml_app:Served`."""

from typing import Any

import bentoml
from saved_model import SavedModel


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Served:
    """Rows in, rows out."""

    def __init__(self) -> None:
        self._model = SavedModel()

    @bentoml.api(route="/predict")
    def predict(self, rows: list[Any]) -> list[Any]:
        return list(self._model.predict(rows).tolist())
