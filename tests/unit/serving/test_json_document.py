"""Documents: what orjson reads and what is read once more, so that the first of equal keys counts; base64."""

import pytest

from noria_serving.server.codec.json_document import parse, unbase64
from noria_serving.server.codec.json_reader import Repeated
from noria_serving.server.status import ServingError


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": "x:y", "a": 2}',
        b'{"\\u0061": 1, "a": 2}',
        b'{"a": "\\u003a", "a": 2}',
        b'{"a": "\\u003A:", "a": 2}',
        b'{"a": {"b": 1}, "a": {"c": ["d"]}}',
    ],
)
def test_both_of_equal_keys_are_kept(body: bytes) -> None:
    document = parse(body)
    assert isinstance(document, Repeated)
    assert [name for name, _ in document.pairs] == ["a", "a"]


@pytest.mark.parametrize("body", [b"[0e400]", b'{"a": 0e400, "a": 1}', b'{"a": ":", "b": [0e400], "b": 1}'])
def test_what_only_the_second_reader_refuses_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(ServingError, match="JSON Parse error: Number too big to be stored in double"):
        parse(body)


@pytest.mark.parametrize("inner", [b'{"b": 1, "b": 2}', b'[[], [[{"b": 1, "b": 2}]]]', b'["::", {"b:": 1, "b:": 2}]'])
def test_equal_keys_are_found_at_any_depth(inner: bytes) -> None:
    assert "Repeated" in repr(parse(b'{"a": ' + inner + b"}"))


def test_a_document_without_equal_keys_is_one_of_dictionaries() -> None:
    body = b'{"a:b": "c::d", "e": ["f:", {"g": {"h": ":"}}, {"g": 1}], "\\u003a": "\\u003a", "i": {}}'
    assert parse(body) == {
        "a:b": "c::d",
        "e": ["f:", {"g": {"h": ":"}}, {"g": 1}],
        ":": ":",
        "i": {},
    }


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("aGVsbG8=", b"hello"),
        ("aGVsbG8", b"hello"),
        ("aGVs bG8=", b"hello"),
        ("aGVsbG8.", b"hello"),
        ("aG", b"h"),
        ("aH==", b"h"),
        ("aGk=\x0b\x0c\r\n", b"hi"),
        ("YQ.=", b"a"),
        ("YQ= =", b"a"),
        ("", b""),
        (" ", b""),
        ("aG+/", b"ho\xbf"),
        *(
            (text, None)
            for text in ("a", "abcde", "abcd====", "aG-_", "aGk=aGk=", "=", "====", ".", "aGk==", "YQ=", "abcd=")
        ),
        *((text, None) for text in ("YQ====", "aGk\0", "aGk\xa0", "é")),
    ],
)
def test_base64_is_read_as_absl_reads_it(text: str, data: bytes | None) -> None:
    if data is None:
        with pytest.raises(ServingError, match="Unable to base64 decode"):
            unbase64({"b64": text})
    else:
        assert unbase64({"b64": text}) == data
