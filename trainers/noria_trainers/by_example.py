"""The signature of models of rows that takes tf.Examples: TensorFlow Serving's classify or regress request reaches it.

Written by `export` beside `serving_default`. A row has the names of the user's own columns; any column may be missing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from noria.contract import Verb
from noria_trainers.data.manifest import Manifest
from noria_trainers.modality.table.example import RowDecoder
from noria_trainers.modality.table.raw import Raw
from noria_trainers.target.target import target_of

_INPUTS, _OUTPUTS, _CLASSES, _SCORES = "inputs", "outputs", "classes", "scores"
"""Names that the API gives to the signature's tensors."""

Serve = Callable[..., dict[str, tf.Tensor]]


@dataclass(frozen=True)
class ByExample:
    """How a model answers tf.Examples."""

    decoder: RowDecoder
    output: str
    """That of `serving_default` with the predictions."""
    classes: tuple[str, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> "ByExample | None":
        """For models of a revision; none where examples are not rows."""
        if not manifest.columns:
            return None
        decoder = RowDecoder.of(Raw(manifest.columns))
        return cls(decoder, target_of(manifest.task).score_output, manifest.classes)

    @property
    def verb(self) -> Verb:
        """Of the requests that the signature is for; its name as well."""
        return Verb.REGRESS if self.output == _OUTPUTS else Verb.CLASSIFY

    @property
    def method(self) -> str:
        """What the signature is for, in the words of the SavedModel."""
        return f"tensorflow/serving/{self.verb}"

    def function(self, serve: Serve) -> tf.types.experimental.ConcreteFunction:
        """The signature over `serve`, which answers the inputs of `serving_default`: takes tf.Examples, string [b]."""

        def answer(inputs: tf.Tensor) -> dict[str, tf.Tensor]:
            predictions = serve(**self.decoder.decode(inputs))[self.output]
            return {_OUTPUTS: predictions} if self.verb is Verb.REGRESS else self._classified(predictions)

        examples = tf.TensorSpec([None], tf.string, name=_INPUTS)
        return tf.function(answer, jit_compile=False, autograph=False).get_concrete_function(examples)

    def _classified(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        """Scores of all classes [b, classes], also where those of the second of two [b, 1] say all."""
        if scores.shape[1] == 1 and len(self.classes) > 1:
            scores = tf.concat([1 - scores, scores], axis=1)
        return {_SCORES: scores, _CLASSES: tf.tile([self.classes], [tf.shape(scores)[0], 1])}
