"""How a model is asked for a prediction: what statuses say of it."""

from enum import StrEnum

from pydantic import Field

from noria.contract.shape import Prose, Shape


class Verb(StrEnum):
    """A request of TensorFlow Serving's API."""

    CLASSIFY = "classify"
    REGRESS = "regress"
    PREDICT = "predict"


class InputName(Shape):
    """A column and its input, where they have different names."""

    column: Prose
    """The column's name in the source."""
    input: str
    """Its name in requests of the verb predict."""


class Call(Shape):
    """How to ask a model for a prediction: POST the body to the Model's URL, followed by a colon and the verb."""

    verb: Verb
    """What to ask for: classify, regress or predict."""
    body: str = Field(max_length=1024)
    """A request with a made-up example, as JSON. Columns that do not fit are left out; the model card has them all."""
    note: Prose = Field(default="", max_length=200)
    """How to send an example of your own."""
    inputs: tuple[InputName, ...] = Field(default=(), max_length=20)
    """Columns with another name in requests of the verb predict, which takes typed columns and is faster; the model
    card has them all."""
