"""Configuration files in protobuf's text format.

Source of the texts: ParseProtoTextFile in tensorflow_serving/util/proto_util.h.
"""

import errno
import sys
from pathlib import Path
from typing import TypeVar

import tensorflow as tf
from google.protobuf import text_format
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message

from noria_serving.server.status import Code, ServingError, invalid_argument

M = TypeVar("M", bound=Message)
_CODES = {
    errno.EINVAL: Code.INVALID_ARGUMENT,
    errno.ENAMETOOLONG: Code.INVALID_ARGUMENT,
    errno.ENOENT: Code.NOT_FOUND,
    errno.ENOTDIR: Code.FAILED_PRECONDITION,
    errno.EISDIR: Code.FAILED_PRECONDITION,
    errno.EACCES: Code.PERMISSION_DENIED,
    errno.EPERM: Code.PERMISSION_DENIED,
}
"""What TensorFlow makes of the system's errors."""


def read_text(path: str, message: type[M]) -> M:
    """The message in a file. Raises ServingError; where the file's text is at fault, stderr says where."""
    parsed: M = message()
    try:
        content = Path(path).read_bytes()
        if not content:
            raise OSError(errno.EINVAL, "Invalid argument")  # the original maps files into memory
        text_format.Parse(content, parsed)
    except OSError as error:
        raise ServingError(_CODES.get(error.errno or 0, Code.UNKNOWN), f"{path}; {error.strerror}") from None
    except (text_format.ParseError, UnicodeDecodeError) as error:
        _print_fault(content, message, error)
        raise invalid_argument(f"Invalid protobuf file: '{path}'") from None
    return parsed


def _print_fault(content: bytes, message: type[Message], error: Exception) -> None:
    """Let TensorFlow's own protobuf print line, column and reason, which this package's says in other words."""
    name = message.DESCRIPTOR.full_name
    files: dict[str, FileDescriptor] = {}
    _collect(message.DESCRIPTOR.file, files)
    described = FileDescriptorSet()
    for file in files.values():
        file.CopyToProto(described.file.add())
    source = b"bytes://" + described.SerializeToString()
    try:
        tf.io.decode_proto([content], name, [], [], descriptor_source=source, message_format="text")
    except tf.errors.DataLossError:
        return
    print(f"Error parsing text-format {name}: {error}", file=sys.stderr, flush=True)


def _collect(file: FileDescriptor, files: dict[str, FileDescriptor]) -> None:
    """The file after all those that it imports."""
    for imported in file.dependencies:
        _collect(imported, files)
    files[file.name] = file
