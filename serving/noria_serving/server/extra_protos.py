"""The configuration messages that the tensorflow-serving-api package leaves out: monitoring, TLS, batching, platforms.

Defined from their field lists, with the names and numbers of tensorflow_serving/config/*.proto and
servables/tensorflow/*.proto, so that the same text files are read.
"""

from google.protobuf import any_pb2, descriptor_pb2, message_factory, wrappers_pb2
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from tensorflow.core.protobuf import config_pb2

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "tensorflow.serving"
_TYPES = {
    "bool": _Field.TYPE_BOOL,
    "bytes": _Field.TYPE_BYTES,
    "int64": _Field.TYPE_INT64,
    "string": _Field.TYPE_STRING,
    "uint64": _Field.TYPE_UINT64,
}
_IMPORTED = {
    "Int64": ".google.protobuf.Int64Value",
    "Bool": ".google.protobuf.BoolValue",
    "String": ".google.protobuf.StringValue",
    "Int32": ".google.protobuf.Int32Value",
    "Any": ".google.protobuf.Any",
    "ConfigProto": ".tensorflow.ConfigProto",
}


def _field(name: str, number: int, kind: str) -> descriptor_pb2.FieldDescriptorProto:
    repeated = kind.startswith("repeated ")
    base = kind.removeprefix("repeated ")
    label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    field = _Field(name=name, number=number, label=label)
    if base in _TYPES:
        field.type = _TYPES[base]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, _IMPORTED.get(base, f".{_PACKAGE}.{base}")
    return field


def messages(package: str, **fields: dict[str, tuple[int, str]]) -> dict[str, type[Message]]:
    """Message classes of a package, each from its fields: number and type by name."""
    file = descriptor_pb2.FileDescriptorProto(name=f"noria_serving/{package}.proto", package=package, syntax="proto3")
    file.dependency.extend(module.DESCRIPTOR.name for module in (any_pb2, wrappers_pb2, config_pb2))
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
    ModelWarmupOptions={"num_request_iterations": (1, "Int32")},
    SessionBundleConfig={
        "session_target": (1, "string"),
        "session_config": (2, "ConfigProto"),
        "batching_parameters": (3, "BatchingParameters"),
        "session_run_load_threadpool_index": (4, "Int32"),
        "experimental_transient_ram_bytes_during_load": (5, "uint64"),
        "saved_model_tags": (6, "repeated string"),
        "enable_model_warmup": (779, "bool"),
        "model_warmup_options": (780, "ModelWarmupOptions"),
        "enable_session_metadata": (781, "bool"),
        "remove_unused_fields_from_bundle_metagraph": (782, "bool"),
        "prefer_tflite_model": (783, "bool"),
    },
    SavedModelBundleSourceAdapterConfig={"legacy_config": (1000, "SessionBundleConfig")},
    PlatformConfig={"source_adapter_config": (1, "Any")},
    PlatformConfigEntry={"key": (1, "string"), "value": (2, "PlatformConfig")},
    PlatformConfigMap={"platform_configs": (1, "repeated PlatformConfigEntry")},
)
MonitoringConfig, SSLConfig, BatchingParameters = (
    _ALL["MonitoringConfig"],
    _ALL["SSLConfig"],
    _ALL["BatchingParameters"],
)
PlatformConfigMap, SavedModelBundleSourceAdapterConfig = (
    _ALL["PlatformConfigMap"],
    _ALL["SavedModelBundleSourceAdapterConfig"],
)
