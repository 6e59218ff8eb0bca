"""Values as they lie in a file, as numbers and categories in the graph.

The same as `data.column` finds where files are read.
"""

from typing import TYPE_CHECKING

from noria_trainers.data.spelling import NUMBER, Spelling
from noria_trainers.lazy import Lazy

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")


def text_to_category(texts: "tf.Tensor", spelling: Spelling) -> "tf.Tensor":
    """Canonical words [n], empty where missing, of strings [n]; any other shape likewise."""
    for pattern, to in spelling.rewrites:
        texts = tf.strings.regex_replace(texts, pattern, to)
    return texts


def text_to_number(texts: "tf.Tensor", spelling: Spelling) -> "tf.Tensor":
    """Numbers [n] float32, NaN where there is none, of strings [n]; any other shape likewise.

    They are rounded to 64 bits before, as the numbers in shards are.
    """
    words = text_to_category(texts, spelling)
    is_number = tf.strings.regex_full_match(words, NUMBER)
    values = tf.strings.to_number(tf.where(is_number, words, "nan"), tf.float64)
    return tf.cast(tf.where(tf.math.is_finite(values), values, float("nan")), tf.float32)
