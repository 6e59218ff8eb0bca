"""SavedModels of many kinds, made on the spot, in a process of its own: `python -m integration.serving.golden FOLDER`.

half_plus_two and half_plus_three are the models that TensorFlow Serving's own tests use.
"""

import sys
from pathlib import Path
from typing import Any

import tensorflow as tf

from integration.serving.golden_form import defaults, failures, forms
from integration.serving.golden_kind import every_kind, lite
from integration.serving.golden_row import clicks, pictures, rows, texts

v1 = tf.compat.v1
SAVED = v1.saved_model
BASES = {"half_plus_two": 2.0, "half_plus_three": 3.0}


def half_plus_v1(path: Path, base: float, use_resource: bool) -> None:
    """y = x / 2 + base in TF1 style, with regress and classify signatures over tf.Example."""
    with tf.Graph().as_default(), v1.Session() as session:
        a = v1.get_variable("a", initializer=0.5, use_resource=use_resource)
        b = v1.get_variable("b", initializer=base, use_resource=use_resource)
        examples = v1.placeholder(tf.string, [None], "tf_example")
        parsed = v1.parse_example(examples, {"x": tf.io.FixedLenFeature([1], tf.float32)})
        x = tf.identity(parsed["x"], "x")
        y = tf.add(a * x, b, "y")
        session.run(v1.global_variables_initializer())
        info = v1.saved_model.build_tensor_info
        method = SAVED.signature_constants

        def signature(inputs: dict[str, Any], outputs: dict[str, Any], name: str) -> Any:
            return SAVED.signature_def_utils.build_signature_def(
                {key: info(value) for key, value in inputs.items()},
                {key: info(value) for key, value in outputs.items()},
                name,
            )

        builder = SAVED.Builder(str(path))
        builder.add_meta_graph_and_variables(
            session,
            [SAVED.tag_constants.SERVING],
            signature_def_map={
                "serving_default": signature({"x": x}, {"y": y}, method.PREDICT_METHOD_NAME),
                "regress_x_to_y": signature({"inputs": examples}, {"outputs": y}, method.REGRESS_METHOD_NAME),
                "classify_x_to_y": signature({"inputs": examples}, {"scores": y}, method.CLASSIFY_METHOD_NAME),
            },
        )
        builder.save()


def half_plus_v2(path: Path, base: float) -> None:
    """y = x / 2 + base in TF2 style."""

    class Half(tf.Module):
        def __init__(self) -> None:
            self.a, self.b = tf.Variable(0.5), tf.Variable(base)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
        def serve(self, x: Any) -> dict[str, Any]:
            return {"y": self.a * x + self.b}

    model = Half()
    tf.saved_model.save(model, str(path), signatures={"serving_default": model.serve})


def many_types(path: Path) -> None:
    """One signature per tensor type that gives its input back; pairs, strings, scalars, failures."""

    class Types(tf.Module):
        pass

    def echo(dtype: tf.DType, rank: int = 1) -> Any:
        spec = tf.TensorSpec([None] * rank, dtype, name="x")
        return tf.function(lambda x: {"y": tf.identity(x)}, input_signature=[spec]).get_concrete_function()

    def pair(a: Any, b: Any) -> dict[str, Any]:
        return {"sum": a + b, "difference": a - b}

    def strings(s: Any) -> dict[str, Any]:
        return {"upper": tf.strings.upper(s), "raw_bytes": s}

    def scalar(x: Any) -> dict[str, Any]:
        return {"y": x * 2.0}

    def picky(x: Any) -> dict[str, Any]:
        with tf.control_dependencies([tf.debugging.assert_positive(x, "only positive numbers")]):
            return {"y": tf.identity(x)}

    def nothing(x: Any) -> dict[str, Any]:
        return {"y": x[:0]}

    def uneven(x: Any) -> dict[str, Any]:
        return {"a": x, "b": tf.concat([x, x], 0)}

    def slow(x: Any) -> dict[str, Any]:
        (last,) = tf.while_loop(lambda i: i < 2**31 - 2, lambda i: (i + 1,), [tf.cast(x[0], tf.int32)])
        return {"y": tf.cast(last, tf.float32) + x}

    def function(body: Any, **specs: tuple[list[int | None], tf.DType]) -> Any:
        signature = [tf.TensorSpec(shape, dtype, name=name) for name, (shape, dtype) in specs.items()]
        return tf.function(body, input_signature=signature).get_concrete_function()

    vector: list[int | None] = [None]
    floats = (vector, tf.float32)
    dtypes = ["float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]
    dtypes += ["string", "half", "bfloat16", "complex64", "complex128"]
    signatures = {f"echo_{name}": echo(tf.as_dtype(name)) for name in dtypes}
    signatures |= {
        "serving_default": echo(tf.float32),
        "matrix": echo(tf.float32, 2),
        "pair": function(pair, a=floats, b=floats),
        "strings": function(strings, s=(vector, tf.string)),
        "scalar": function(scalar, x=([], tf.float32)),
        "picky": function(picky, x=floats),
        "nothing": function(nothing, x=floats),
        "uneven": function(uneven, x=floats),
        "slow": function(slow, x=floats),
    }
    tf.saved_model.save(Types(), str(path), signatures=signatures)


def main(root: Path) -> None:
    """Every SavedModel below `root`, as NAME/VERSION; TFLite models in `lite` beside it."""
    for name, base in BASES.items():
        half_plus_v1(root / f"{name}_v1/1", base, use_resource=True)
        half_plus_v1(root / f"{name}_ref/1", base, use_resource=False)
        half_plus_v2(root / f"{name}/1", base)
    many_types(root / "types/1")
    forms(root / "forms/1")
    failures(root / "failures/1")
    defaults(root / "defaults/1")
    rows(root / "rows/1", "scores")
    rows(root / "row_values/1", "outputs")
    for model in (clicks, texts, pictures):
        model(root / model.__name__ / "1")
    every_kind(root)
    lite(root / "../lite")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
