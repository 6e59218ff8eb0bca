"""Writes TFRecord files of examples with one feature and a label. Used by `data.spool`.

TensorFlow could do it, but takes seconds and half a gigabyte to import, which a profile of texts has no other need of.
Formats: tensorflow/core/lib/io/record_writer.h, tensorflow/core/example/example.proto, protobuf's wire encoding.
"""

import struct
from collections.abc import Iterable
from pathlib import Path

import google_crc32c


def write(path: Path, examples: Iterable[tuple[bytes, int]], feature: str) -> None:
    """A file of `tf.train.Example`s with `feature` (bytes) and `label` (int64, not negative)."""
    with path.open("wb") as file:
        for content, label in examples:
            data = _example(feature, content, label)
            length = struct.pack("<Q", len(data))
            file.write(length + _checksum(length))
            file.write(data + _checksum(data))


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _example(feature: str, content: bytes, label: int) -> bytes:
    bytes_list, int64_list = _field(1, _field(1, content)), _field(3, _field(1, _varint(label)))
    return _field(1, _entry(feature, bytes_list) + _entry("label", int64_list))


def _entry(key: str, value: bytes) -> bytes:
    """A pair of a map, which is its field number 1."""
    return _field(1, _field(1, key.encode()) + _field(2, value))


def _field(number: int, content: bytes) -> bytes:
    """A field of wire type 2: bytes with their length."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
