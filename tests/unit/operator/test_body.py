"""Whatever a body holds, it is parsed so far that nothing ends, and all that is not too deep comes back as it was."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noria.runtime.body import DEPTH, parse


def deep(levels: int, opening: str = '{"a":', closing: str = "}") -> str:
    """JSON that nests so deep."""
    return opening * levels + "1" + closing * levels


def depth(value: Any) -> int:
    """Levels of a value."""
    levels, inside = 0, [value]
    while inside := [one for one in inside if isinstance(one, dict | list)]:
        levels += 1
        inside = [each for one in inside for each in (one.values() if isinstance(one, dict) else one)]
    return levels


@pytest.mark.parametrize("levels", [3000, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]"), ('{"]}[{":[', "]}")])
def test_what_is_too_deep_is_left_out_and_the_rest_stays(levels: int, opening: str, closing: str) -> None:
    text = f'{{"metadata": {{"name": "x"}}, "spec": {deep(levels, opening, closing)}, "status": {{"a": [1, "}}"]}}}}'
    found = parse(text.encode())
    assert (found["metadata"], found["status"]) == ({"name": "x"}, {"a": [1, "}"]})
    assert depth(found) == DEPTH


def test_the_others_of_a_list_are_whole() -> None:
    items = [f'{{"metadata": {{"name": "{n}"}}, "spec": {deep(5000 if n == 1 else 50)}}}' for n in range(3)]
    found = parse(f'{{"items": [{", ".join(items)}]}}'.encode())
    assert [item["metadata"]["name"] for item in found["items"]] == ["0", "1", "2"]
    assert found["items"][2]["spec"] == json.loads(deep(50))


@pytest.mark.parametrize(
    ("data", "value"),
    [
        pytest.param(b'"\xff"', "\ufffd", id="bytes that are no UTF-8"),
        pytest.param(rb'"\ud800"', "\ud800", id="half a surrogate pair"),
        pytest.param(b"9" * 5000, float("inf"), id="an endless integer"),
        pytest.param(b"1e999", float("inf"), id="a number beyond all bounds"),
        pytest.param(b"123456789012345678901234567890", 123456789012345678901234567890, id="a large integer"),
        pytest.param(b'"' + b"x" * 2_000_000 + b'"', "x" * 2_000_000, id="a long text"),
    ],
)
def test_odd_values_are_read(data: bytes, value: object) -> None:
    assert parse(b'{"a": ' + data + b"}") == {"a": value}


@pytest.mark.parametrize("data", [b"", b"<html>", b'{"a": ', b"[1,]", deep(5000).encode()[:-1], b"\x00"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        parse(data)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_everything_else_of_a_body_stays_as_it_was(value: Any) -> None:
    text = f'{{"deep": {deep(500)}, "value": {json.dumps(value)}}}'
    assert parse(text.encode())["value"] == value
