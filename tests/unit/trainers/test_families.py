"""The space of configurations is large, small to write down, and checked in words; every family makes a network."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from noria.contract import Backbone, ColumnType, Configuration, Task
from noria_store.error import StepError
from noria_trainers.data.manifest import ImageShape, Manifest, Split, TableColumn
from noria_trainers.families import FAMILIES, check, design, space
from noria_trainers.families.family import Family
from noria_trainers.modality.table.raw import Raw
from noria_trainers.training.augmentation import augmentation
from noria_trainers.training.design import Design, Problem

BACKBONES = (Backbone(name="MobileNetV3Small", uri="s3://weights/m.h5", digest=f"sha256:{'0' * 64}"),)
COLUMNS = (TableColumn(name="x", type=ColumnType.NUMERIC), TableColumn(name="kind", type=ColumnType.CATEGORICAL))
ROWS = pa.table({"x": [0.0, 1.0, None, 3.0] * 5, "kind": ["a", "b", "a", None] * 5})
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 20, 30, 3), np.uint8)


@pytest.mark.parametrize("task", Task)
def test_space_has_room_and_each_configuration_is_small_sound_and_unlike_the_others(task: Task) -> None:
    found = space(task)
    assert len(found) >= 24
    assert len({configuration.id for configuration in found}) == len(found)
    assert max(len(configuration.to_json()) for configuration in found) <= 250
    assert space(task) == found
    for configuration in found:
        check(configuration, task)


def test_backbones_without_weights_are_left_out() -> None:
    def names(backbones: tuple[Backbone, ...]) -> set[Any]:
        found = space(Task.IMAGE_CLASSIFICATION, backbones)
        return {each.parameters["backbone"] for each in found if each.family == "image-backbone"}

    assert names(()) == set()
    assert names(BACKBONES) == {"MobileNetV3Small"}


def test_enumerating_does_not_import_tensorflow() -> None:
    code = "import sys; from noria_trainers.families import space; assert space('TabularRegression'); "
    code += "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("family", "parameters", "reason", "words"),
    [
        pytest.param("image-cn", {}, "UnknownFamily", ["image-cn", "did you mean 'image-cnn'"], id="misspelt family"),
        pytest.param("tabular-mlp", {}, "UnknownFamily", ["ImageClassification", "image-cnn"], id="another task's"),
        pytest.param("image-cnn", {"witdh": 16}, "UnknownParameter", ["did you mean 'width'"], id="misspelt parameter"),
        pytest.param("image-cnn", {"width": 4096}, "BadParameter", ["width", "4096", "8 to 64"], id="out of bounds"),
        pytest.param("image-cnn", {"width": 16.5}, "BadParameter", ["whole number"], id="a fraction of a channel"),
        pytest.param("image-cnn", {"depth": True}, "BadParameter", ["depth"], id="a truth is no number"),
        pytest.param("image-cnn", {"width": "16"}, "BadParameter", ["width"], id="nor is a text"),
        pytest.param("image-cnn", {"augment": "blur"}, "BadParameter", ["blur", "affine"], id="unknown word"),
    ],
)
def test_a_wrong_configuration_is_refused_in_words(
    family: str, parameters: dict[str, Any], reason: str, words: list[str]
) -> None:
    with pytest.raises(StepError) as refused:
        check(Configuration(family=family, parameters=parameters), Task.IMAGE_CLASSIFICATION)
    assert (refused.value.exit_code, refused.value.reason) == (64, reason)
    assert all(word in refused.value.message for word in words)


@pytest.mark.parametrize(
    ("parameters", "reason", "words"),
    [
        pytest.param({"estimator": "forest"}, "BadParameter", ["did you mean 'random-forest'"], id="misspelt"),
        pytest.param({"estimator": True}, "BadParameter", ["True"], id="no name"),
        pytest.param({"estimator": "mlp", "C": 1}, "UnknownParameter", ["mlp has no", "alpha"], id="another's"),
        pytest.param({"estimator": "mlp", "solver": "saga"}, "BadParameter", ["sgd, adam"], id="another's value"),
        pytest.param({"trees": 10}, "UnknownParameter", ["'trees'", "max_leaf_nodes"], id="the default has none"),
    ],
)
def test_a_variant_has_parameters_of_its_own(parameters: dict[str, Any], reason: str, words: list[str]) -> None:
    with pytest.raises(StepError) as refused:
        check(Configuration(family="tabular-sklearn", parameters=parameters), Task.TABULAR_CLASSIFICATION)
    assert (refused.value.exit_code, refused.value.reason) == (64, reason)
    assert all(word in refused.value.message for word in words)


def manifest(task: Task) -> Manifest:
    split = Split(examples=20, shards=("x",))
    splits = {"train": split, "validation": split, "holdout": split}
    shape = ImageShape(height=20, width=30, channels=3)
    return Manifest.model_validate(
        {"task": task, "revision": "r", "columns": COLUMNS, "splits": splits, "image": shape}
    )


def problem(family: Family) -> Problem:
    return Problem(
        manifest=manifest(family.tasks[0]),
        outputs=3,
        gpu=False,
        seed=0,
        texts=lambda: tf.data.Dataset.from_tensor_slices(["a b c", "b c", "a, c", "d"] * 5),
        table=ROWS,
    )


def raw(family: Family, inputs: Any) -> dict[str, tf.Tensor]:
    if family.tasks[0] not in (Task.TEXT_CLASSIFICATION, Task.IMAGE_CLASSIFICATION):
        return next(iter(Raw(COLUMNS).batches(ROWS.slice(0, 2))))
    if family.tasks[0] is Task.TEXT_CLASSIFICATION:
        return {"text": tf.constant(["a b", ""])}
    return {"image_bytes": tf.stack([tf.io.encode_png(image) for image in IMAGES])}


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in ("image-backbone", "tabular-sklearn")])
def test_every_network_learns_from_what_users_have(name: str) -> None:
    family = FAMILIES[name]
    found = design(family.configuration({}), problem(family))
    assert isinstance(found, Design)
    network = found.network()
    data = raw(family, found.inputs)
    assert {key: spec.dtype for key, spec in found.inputs.signature().items()} == {k: v.dtype for k, v in data.items()}
    features = found.inputs.encode(data)
    features.pop("valid", None)
    with tf.GradientTape() as tape:
        outputs = network(features, training=True)
        gradients = tape.gradient(tf.reduce_sum(tf.square(outputs - 1)), network.trainable_weights)
    assert outputs.shape == (2, 3)
    assert np.isfinite(outputs).all()
    assert all(gradient is not None for gradient in gradients)
    assert found.recipe.epochs >= 2


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, while it writes weights
def test_a_backbone_is_fine_tuned_from_its_weights(tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    weights = tmp_path / "small.weights.h5"
    published = keras.applications.MobileNetV3Small(include_top=False, weights=None, input_shape=(32, 32, 3))
    published.save_weights(weights)
    family = FAMILIES["image-backbone"]
    given = Problem(
        manifest=manifest(family.tasks[0]), outputs=3, gpu=False, seed=0, weights={"MobileNetV3Small": weights}
    )
    found = design(family.configuration({"resolution": 32, "tune": "last"}), given)
    assert isinstance(found, Design)
    network = found.network()
    assert len(network.trainable_variables) == 2
    image = found.inputs.encode(raw(family, found.inputs))["image"]
    assert image.shape == (2, 32, 32, 3)
    inner = next(layer for layer in network.layers if layer.name.startswith("MobileNet"))
    expected = published(tf.cast(image, tf.float32), training=False)
    assert np.allclose(inner(tf.cast(image, tf.float32), training=False), expected, atol=1e-5)


def test_a_backbone_without_or_with_unfit_weights_is_refused(tmp_path: Path) -> None:
    family = FAMILIES["image-backbone"]
    with pytest.raises(StepError, match="no weights for MobileNetV3Small"):
        design(family.configuration({}), problem(family))
    junk = tmp_path / "junk.weights.h5"
    junk.write_bytes(b"junk")
    given = Problem(
        manifest=manifest(family.tasks[0]), outputs=3, gpu=False, seed=0, weights={"MobileNetV3Small": junk}
    )
    found = design(family.configuration({"resolution": 32}), given)
    assert isinstance(found, Design)
    with pytest.raises(StepError, match="do not fit"):
        found.network()


def test_augmentation_mirrors_and_moves_but_keeps_what_is_there() -> None:
    image = tf.constant(np.tile(IMAGES[:1], (64, 1, 1, 1)))
    seed = tf.constant([0, 1])
    assert augmentation("none") is None
    for name in ("flip", "shift", "affine"):
        augment = augmentation(name)
        assert augment is not None
        varied = augment({"image": image}, seed)["image"]
        assert (varied.shape, varied.dtype) == (image.shape, image.dtype)
        assert np.array_equal(varied, augment({"image": image}, seed)["image"])
        assert not np.array_equal(varied, augment({"image": image}, seed + 1)["image"])
    flip = augmentation("flip")
    assert flip is not None
    varied = flip({"image": image}, seed)["image"].numpy()
    kept, mirrored = (varied == IMAGES[0]).all((1, 2, 3)), (varied == IMAGES[0][:, ::-1]).all((1, 2, 3))
    assert (kept | mirrored).all()
    assert 10 < kept.sum() < 54
