"""Predict on a servable: names checked, model run, outputs by name.

Source: tensorflow_serving/servables/tensorflow/predict_util.cc.
"""

from collections.abc import Iterable, Mapping, Sequence, Set

from noria_serving.server.classification import CLASSIFY
from noria_serving.server.codec.dtype import KINDS_BY_NUMPY, type_name
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.regression import REGRESS
from noria_serving.server.servable import DEFAULT_SIGNATURE, Servable, Signature
from noria_serving.server.status import Code, ServingError, invalid_argument

PREDICT = "tensorflow/serving/predict"
_METHODS = (None, PREDICT, CLASSIFY, REGRESS)


def predict(
    servable: Servable,
    signature_name: str,
    inputs: Mapping[str, Array],
    output_filter: Sequence[str] = (),
    timeout: float | None = None,
) -> dict[str, Array]:
    """The signature's outputs, or those of the filter. Raises ServingError."""
    signature = servable.signature(signature_name)
    if signature is None:
        name = signature_name or DEFAULT_SIGNATURE
        raise ServingError(Code.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.')
    if signature.method not in _METHODS:
        wanted = ", ".join(_METHODS[1:])
        text = f"Expected prediction signature method_name to be one of {{{wanted}}}. Was: {signature.method}"
        raise ServingError(Code.INTERNAL, text)
    feeds = _feeds(signature, inputs)
    if not output_filter:
        return dict(zip(signature.outputs, servable.run(feeds, signature.fetches, timeout), strict=True))
    names = _filtered(signature, output_filter)
    return dict(zip(names, servable.run(feeds, tuple(names.values()), timeout), strict=True))


def _feeds(signature: Signature, inputs: Mapping[str, Array]) -> dict[str, Array]:
    wanted = signature.inputs
    if inputs.keys() != wanted.keys():
        _check_names(signature, inputs.keys())
        inputs = {**signature.defaults, **inputs}
    feeds = {tensor: inputs[alias] for alias, tensor in wanted.items()}
    for array, dtype in zip(feeds.values(), signature.dtypes, strict=True):
        if array.dtype != dtype:
            raise _type_mismatch(signature, feeds)
    return feeds


def _check_names(signature: Signature, given: Set[str]) -> None:
    """Raises ServingError for inputs that are neither given nor have a default, or that there are not."""
    wanted = signature.inputs
    if len(given) > len(wanted) or (len(given) < len(wanted) and not signature.defaults):
        raise _size_mismatch(given, wanted)
    for alias in sorted(wanted.keys() - given - signature.defaults.keys()):
        raise invalid_argument(
            f"Signature input alias: {alias}(feed name: {wanted[alias]}) not found in request and no default value "
            f"provided. Inputs expected to be in the request {_braced(given)}, or default input alias set: "
            f"{_listed(signature.defaults)}"
        )
    if given - wanted.keys():
        used = _listed(given & wanted.keys())
        text = f"Inputs contains invalid name. Used request inputs: {used}, request input: {_listed(given)}"
        raise invalid_argument(text)


def _type_mismatch(signature: Signature, feeds: Mapping[str, Array]) -> ServingError:
    wanted = dict(zip(feeds, signature.types.values(), strict=True))
    names = sorted(feeds)
    wrong = next(name for name in names if KINDS_BY_NUMPY[feeds[name].dtype].number != wanted[name])
    found = KINDS_BY_NUMPY[feeds[wrong].dtype].name
    return invalid_argument(
        f"Expects arg[{names.index(wrong)}] to be {type_name(wanted[wrong])} but {found} is provided"
    )


def _size_mismatch(inputs: Iterable[str], wanted: Iterable[str]) -> ServingError:
    sent, expected = set(inputs), set(wanted)
    return invalid_argument(
        f"input size does not match signature: {len(sent)}!={len(expected)} len({_braced(sent)}) != "
        f"len({_braced(expected)}). Sent extra: {_braced(sent - expected)}. "
        f"Missing but required: {_braced(expected - sent)}."
    )


def _braced(names: Iterable[str]) -> str:
    return "{" + _listed(names) + "}"


def _listed(names: Iterable[str]) -> str:
    return ",".join(sorted(names))


def _filtered(signature: Signature, output_filter: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for alias in output_filter:
        if alias not in signature.outputs:
            expected = f" Outputs expected to be in the set {_braced(signature.outputs)}."
            raise invalid_argument(f"output tensor alias not found in signature: {alias}{expected}")
        if alias in names:
            raise invalid_argument(f"duplicate output tensor alias: {alias}")
        names[alias] = signature.outputs[alias]
    return names
