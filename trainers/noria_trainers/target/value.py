"""A number for each example."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import Metric
from noria_trainers.data.column import as_text, numbers
from noria_trainers.data.date_style import date_style, number_date_style
from noria_trainers.data.gap_number import gap_number
from noria_trainers.data.number_style import NumberStyle, doubt, number_style
from noria_trainers.data.quantity import quantity_among
from noria_trainers.data.spelling import Style
from noria_trainers.data.unit import several_units
from noria_trainers.lazy import Lazy
from noria_trainers.profile.finding import Findings
from noria_trainers.target import plot
from noria_trainers.target.label import Labels
from noria_trainers.target.probability import UNTEMPERED
from noria_trainers.target.resample import Floats, Resampling, Scores, means
from noria_trainers.target.shown import Miss, Misses, Picture, Shown, worst
from noria_trainers.target.target import CardText, Target, mean_label
from noria_trainers.wording import counted, listed

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

MOST_UNREAD = 0.01
"""Largest share of targets that look like numbers and cannot be read."""

LEAST_QUANTITIES = 0.5
"""Share of quantities in a target without numbers that seems to hold such."""
MOST_CHARACTERS = 40
"""Of a value that a message quotes."""
_PREDICTIONS = (
    "A point for each example, its true value to the right and the predicted one upwards, with the line of no error."
)


@dataclass(frozen=True)
class ValueHead:
    """One output, in the scale where training labels have mean 0 and deviation 1."""

    centre: float
    scale: float
    absolute: bool
    """Whether errors count by their size, not by their square."""

    def loss(self, labels: "tf.Tensor", outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Mean squared or absolute error of values [b] in that scale."""
        error = (tf.cast(labels, tf.float32) - self.centre) / self.scale - outputs[:, 0]
        return tf.reduce_mean(tf.abs(error) if self.absolute else tf.square(error))

    def predictions(self, outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Values [b, 1] in the labels' own unit."""
        return outputs * self.scale + self.centre


class Value:
    """Labels [n] are numbers, predictions [n] or [n, 1] in the same unit."""

    score_output = "outputs"
    tempering = UNTEMPERED
    card_text = CardText(
        baseline="the mean of the training examples", answer="Each prediction is a number in the unit of the target."
    )

    def labels(self, findings: Findings, name: str, raw: pa.ChunkedArray) -> Labels | None:
        """Every cell that holds a finite number, unless most hold words."""
        if number_date_style(raw, is_time=False) is not None:
            findings.error("TargetNotNumeric", _dates(name, as_text(pc.drop_null(raw)), "dates"), [name])
            return None
        style = number_style(raw)
        values, not_numbers = numbers(raw, style.spelling)
        others = raw.take(pa.array(not_numbers))
        if len(others) > 0.5 * (len(raw) - raw.null_count):
            findings.error("TargetNotNumeric", _not_numbers(name, others), [name])
            return None
        _refuse_if_not_random(findings, name, others, len(raw))
        _warn_of_units(findings, name, raw, style)
        if style.doubtful is not None:
            findings.warning("AmbiguousNumbers", doubt(name, style.doubtful, style.spelling), [name])
        if pa.types.is_floating(raw.type):
            not_numbers = np.flatnonzero(pc.fill_null(pc.is_inf(raw), False).to_numpy())
        if gap := gap_number(values.to_numpy()):
            message = f"column {name} holds {gap}, far from its other values"
            findings.warning("GapNumbers", f"{message}; if that stands for no value, empty these cells", [name])
        present = values.is_valid().to_numpy()
        missing = np.setdiff1d(np.flatnonzero(~present), not_numbers)
        return Labels(pc.drop_null(values).to_numpy(), (), np.flatnonzero(present), missing, not_numbers)

    def outputs(self, classes: int) -> int:
        """One."""
        return 1

    def head(self, metric: Metric, labels: NDArray[np.generic], classes: int, smoothing: float) -> ValueHead:
        """Errors are squared, but where the metric takes their size."""
        return ValueHead(float(labels.mean()), float(labels.std()) or 1.0, absolute=metric is Metric.MAE)

    def scores(self, labels: NDArray[np.generic], predictions: Floats, classes: int) -> dict[Metric, float]:
        """R² of labels that are all equal is 1 for a perfect and 0 for any other prediction, as in scikit-learn."""
        truth, values = np.asarray(labels, np.float64), predictions.reshape(len(labels))
        squares = float(np.square(truth - values).sum())
        spread = float(np.square(truth - truth.mean()).sum())
        return {
            Metric.R2: 1 - squares / spread if spread else float(squares == 0),
            Metric.RMSE: float(np.sqrt(squares / len(truth))),
            Metric.MAE: float(np.abs(truth - values).mean()),
        }

    def resampled(
        self, resampling: Resampling, labels: NDArray[np.generic], predictions: Sequence[Floats], classes: int
    ) -> list[Scores]:
        """All metrics follow from means over the examples drawn."""
        truth = np.asarray(labels, np.float64)
        errors, centred = truth - np.stack([each.reshape(-1) for each in predictions]), truth - truth.mean()
        columns = np.concatenate([errors**2, np.abs(errors), [centred, centred**2]]).T
        *drawn, first, second = means(resampling, columns).T
        spread = np.maximum(second - first**2, 0)
        count = len(predictions)
        return [_of_errors(*pair, spread) for pair in zip(drawn[:count], drawn[count:], strict=True)]

    def answer(self, predictions: "tf.Tensor", classes: "tf.Tensor") -> "dict[str, tf.Tensor]":
        """`outputs` float32 [b]."""
        return {self.score_output: predictions[:, 0]}

    def baseline(self, counts: NDArray[np.int64], labels: Callable[[], NDArray[np.generic]]) -> Floats:
        """The mean of the training labels, []."""
        return mean_label(labels())

    def shown(self, labels: NDArray[np.generic], predictions: NDArray[np.floating], classes: Sequence[str]) -> Shown:
        """Predicted beside true values, and the largest errors; not the values of single examples."""
        truth, predicted = np.asarray(labels, np.float64), np.asarray(predictions.ravel(), np.float64)
        error = predicted - truth
        rows = (Miss(int(place), (f"{error[place]:+.4g}",)) for place in worst(np.abs(error), error != 0))
        png = plot.true_and_predicted(truth, predicted)
        return Shown(
            picture=Picture("True and predicted", "predictions.png", png, _PREDICTIONS),
            misses=Misses("the size of the error", ("predicted less true",), tuple(rows)),
        )


def _warn_of_units(findings: Findings, name: str, raw: pa.ChunkedArray, style: NumberStyle) -> None:
    if style.style is not Style.PLAIN and (units := several_units(pc.unique(pc.drop_null(raw)).to_pylist())):
        what = f"column {name} holds numbers with several currencies or percent signs ({listed(units, 3)})"
        findings.warning("MixedUnits", f"{what}; the signs are left out: convert all to one", [name])


def _not_numbers(name: str, others: pa.ChunkedArray) -> str:
    """What a column holds instead of numbers, and what to do."""
    held = _distinct(others)
    found = date_style(others)
    if found is not None:
        return _dates(name, others, "times of day" if found.style is Style.TIME else "dates")
    if quantity_among(held, LEAST_QUANTITIES):
        cure = "write all as numbers in one unit"
        return f"column {name} holds quantities that are not one number in one unit ({listed(held, 3)}): {cure}"
    cure = "use task TabularClassification, or name another column in target"
    return f"column {name} holds the words {listed(held)}, not numbers: {cure}"


def _dates(name: str, values: pa.ChunkedArray, what: str) -> str:
    held = listed(_distinct(values), 3)
    return f"column {name} holds {what} ({held}), not numbers: write each as a number, such as days"


def _distinct(values: pa.ChunkedArray) -> list[str]:
    return sorted(pc.unique(pc.utf8_trim_whitespace(values)).to_pylist())


def _refuse_if_not_random(findings: Findings, name: str, others: pa.ChunkedArray, rows: int) -> None:
    """Values that hold digits are numbers in a writing of their own: often the largest, or those that were measured
    otherwise. Without them the model would be wrong for such rows, and the hold-out would not show it.
    """
    written = others.filter(pc.match_substring_regex(others, r"\d")) if len(others) else others
    if len(written) > MOST_UNREAD * rows:
        examples = [value[:MOST_CHARACTERS] for value in pc.unique(written).to_pylist()]
        message = (
            f"{counted(len(written), 'value')} of column {name} look like numbers but cannot be read: "
            f"{listed(examples, 3)}; left out they would bias the model: write them as numbers, or empty the cells"
        )
        findings.error("TargetUnread", message, examples)


def _of_errors(square: Floats, distance: Floats, spread: Floats) -> Scores:
    """Metrics of resamples from the mean squared error, the mean error's size and the variance, each [resamples]."""
    explained = 1 - np.divide(square, spread, out=np.zeros_like(square), where=spread > 0)
    return {
        Metric.R2: np.where(spread > 0, explained, square == 0),
        Metric.RMSE: np.sqrt(square),
        Metric.MAE: distance,
    }


TARGET: Target = Value()
