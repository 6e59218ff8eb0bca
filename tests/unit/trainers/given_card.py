"""Model cards for tests, without a model. Used by `test_card` and `test_page`."""

import dataclasses

from noria.contract import Configuration, FailureKind, Metric, Task, Verb
from noria_trainers.conclusion.asking import Asking
from noria_trainers.conclusion.card import Card, Lineage, Row
from noria_trainers.conclusion.interval import Interval
from noria_trainers.data.manifest import ImageShape, Manifest, Split
from noria_trainers.modality.image.made_up import made_up
from noria_trainers.target.shown import Picture, Shown

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x03"
"""As much of a picture as says its size: 4 by 3."""
CNN = Configuration(family="image-cnn", parameters={"width": 32, "depth": 2})
ROWS = (
    Row(name="trial-1", configuration=CNN, score=0.9, seconds=61.4, failure=None),
    Row(
        name="trial-2",
        configuration=Configuration(family="image-cnn"),
        score=None,
        seconds=None,
        failure=FailureKind.OUT_OF_MEMORY,
    ),
)


def manifest(task: Task = Task.IMAGE_CLASSIFICATION, classes: tuple[str, ...] = ("cat", "dog")) -> Manifest:
    split = Split(examples=100, class_counts={name: 100 // len(classes) for name in classes}, shards=("a",))
    return Manifest(
        task=task, revision="4f2a", classes=classes, splits={"train": split, "validation": split, "holdout": split}
    )


PICTURES = manifest().model_copy(update={"image": ImageShape(height=8, width=8, channels=1)})


def card(**changes: object) -> Card:
    whole = Card(
        manifest=manifest(),
        metric=Metric.ACCURACY,
        best="trial-1",
        trials=ROWS,
        scores={Metric.ACCURACY: 0.91, Metric.LOG_LOSS: 0.2},
        intervals={Metric.ACCURACY: Interval(0.88, 0.94), Metric.LOG_LOSS: Interval(0.15, 0.25)},
        baseline={Metric.ACCURACY: 0.5, Metric.LOG_LOSS: 0.69},
        parameters={"trial-1": 12_345, "trial-2": 2_000},
        shown=Shown(picture=Picture("Confusion matrix", "confusion-matrix.png", PNG, "who is taken for whom")),
        examples={},
        calibrated=None,
        learned=Picture("Learning curves", "learning-curves.png", PNG, "how the trials learned"),
        asking=Asking(Verb.PREDICT, made_up(PICTURES, [b"\x89PNG"])),
        lineage=Lineage(run="shop/clothes/uid/3", digest="sha256:ab", seed=7, trainer="0.1.0"),
    )
    return dataclasses.replace(whole, **changes)  # type: ignore[arg-type]
