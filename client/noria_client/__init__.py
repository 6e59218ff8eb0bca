"""Asks a model that Noria or TensorFlow Serving serves, over REST or gRPC, without TensorFlow.

    from noria_client import Model

    with Model("http://flowers.shop:8501") as model:
        model.predict(["rose.jpg", "tulip.png"])  # array(["rose", "tulip"])
        model.predict_proba("rose.jpg")           # {"rose": 0.9, "tulip": 0.1}

`AsyncModel` has the same methods to await.
"""

from noria_client.async_model import AsyncModel
from noria_client.error import (
    AccessError,
    AnswerError,
    ClientError,
    InputError,
    NotFoundError,
    RefusedError,
    TimedOutError,
    UnavailableError,
)
from noria_client.metadata import Metadata, Signature, Tensor, VersionState
from noria_client.model import Model
from noria_client.result import Prediction

__all__ = [
    "AccessError",
    "AnswerError",
    "AsyncModel",
    "ClientError",
    "InputError",
    "Metadata",
    "Model",
    "NotFoundError",
    "Prediction",
    "RefusedError",
    "Signature",
    "Tensor",
    "TimedOutError",
    "UnavailableError",
    "VersionState",
]
