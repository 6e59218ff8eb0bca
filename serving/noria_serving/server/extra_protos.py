"""The configuration messages that the tensorflow-serving-api package leaves out: MonitoringConfig, SSLConfig, batching.

Defined from their field lists, with the names and numbers of tensorflow_serving/config/*.proto and
servables/tensorflow/session_bundle_config.proto, so that the same text files are read. Used by `run` and `batching`.
"""

from google.protobuf import descriptor_pb2, message_factory, wrappers_pb2
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "tensorflow.serving"
_TYPES = {
    "bool": _Field.TYPE_BOOL,
    "bytes": _Field.TYPE_BYTES,
    "int64": _Field.TYPE_INT64,
    "string": _Field.TYPE_STRING,
    "uint64": _Field.TYPE_UINT64,
}
_WRAPPED = {
    "Int64": ".google.protobuf.Int64Value",
    "Bool": ".google.protobuf.BoolValue",
    "String": ".google.protobuf.StringValue",
}


def _field(name: str, number: int, kind: str) -> descriptor_pb2.FieldDescriptorProto:
    repeated = kind.startswith("repeated ")
    base = kind.removeprefix("repeated ")
    label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    field = _Field(name=name, number=number, label=label)
    if base in _TYPES:
        field.type = _TYPES[base]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, _WRAPPED.get(base, f".{_PACKAGE}.{base}")
    return field


def messages(package: str, **fields: dict[str, tuple[int, str]]) -> dict[str, type[Message]]:
    """Message classes of a package, each from its fields: number and type by name."""
    file = descriptor_pb2.FileDescriptorProto(name=f"noria_serving/{package}.proto", package=package, syntax="proto3")
    file.dependency.append(wrappers_pb2.DESCRIPTOR.name)
    for message, members in fields.items():
        file.message_type.add(name=message, field=[_field(name, *spec) for name, spec in members.items()])
    pool = Default()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in fields}


_ALL = messages(
    _PACKAGE,
    PrometheusConfig={"enable": (1, "bool"), "path": (2, "string")},
    MonitoringConfig={"prometheus_config": (1, "PrometheusConfig")},
    SSLConfig={
        "server_key": (1, "string"),
        "server_cert": (2, "string"),
        "custom_ca": (3, "string"),
        "client_verify": (4, "bool"),
    },
    BatchingParameters={
        "max_batch_size": (1, "Int64"),
        "batch_timeout_micros": (2, "Int64"),
        "max_enqueued_batches": (3, "Int64"),
        "num_batch_threads": (4, "Int64"),
        "thread_pool_name": (5, "String"),
        "allowed_batch_sizes": (6, "repeated int64"),
        "pad_variable_length_inputs": (7, "bool"),
        "enable_large_batch_splitting": (8, "Bool"),
        "max_execution_batch_size": (9, "Int64"),
    },
)
MonitoringConfig, SSLConfig, BatchingParameters = (
    _ALL["MonitoringConfig"],
    _ALL["SSLConfig"],
    _ALL["BatchingParameters"],
)
