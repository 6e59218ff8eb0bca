"""Patches are as small as the difference."""

from typing import Any

import pytest

from noria.runtime.execute import merge_patch

CASES = [
    pytest.param({"a": 1}, {"a": 1}, {}, id="equal: nothing is written"),
    pytest.param({}, {"a": 1}, {"a": 1}, id="a new field is set"),
    pytest.param({"a": 1}, {}, {"a": None}, id="a field that is gone is removed"),
    pytest.param(
        {"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}, id="within an object only what differs"
    ),
    pytest.param({"a": {"b": 1}}, {"a": {"b": 1}}, {}, id="equal objects"),
    pytest.param({"a": {"b": 1}}, {"a": {}}, {"a": {"b": None}}, id="an object that is emptied"),
    pytest.param({"a": [1, 2]}, {"a": [2]}, {"a": [2]}, id="a list as a whole"),
    pytest.param({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}, id="a list that becomes an object"),
]


@pytest.mark.parametrize(("before", "after", "patch"), CASES)
def test_a_patch_says_what_differs(before: dict[str, Any], after: dict[str, Any], patch: dict[str, Any]) -> None:
    assert merge_patch(before, after) == patch


@pytest.mark.parametrize(("before", "after", "patch"), CASES)
def test_the_patch_makes_after_of_before(before: dict[str, Any], after: dict[str, Any], patch: dict[str, Any]) -> None:
    assert merged(before, patch) == after


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386, as the API server applies it."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merged(target.get(name), value)
    return target
