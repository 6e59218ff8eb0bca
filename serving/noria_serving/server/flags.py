"""The command line of tensorflow_model_server: its 48 flags, and one of our own, parsed as it parses them.

Source: tensorflow_serving/model_servers/main.cc and tsl/util/command_line_flags.cc.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any


def _flag(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class Flags:
    """What the server was asked for. Durations and counts are as each help text says."""

    port: int = _flag(8500, "TCP port to listen on for gRPC; 0 turns it off")
    grpc_socket_path: str = _flag("", "Unix socket to listen on for gRPC as well")
    rest_api_port: int = _flag(0, "TCP port to listen on for HTTP; 0 turns it off")
    rest_api_num_threads: int = _flag(4 * (os.cpu_count() or 1), "threads for HTTP requests")
    rest_api_timeout_in_ms: int = _flag(30_000, "time limit of an HTTP request's run")
    rest_api_enable_cors_support: bool = _flag(False, "send the headers of cross-origin resource sharing")
    enable_batching: bool = _flag(False, "batch requests")
    batching_parameters_file: str = _flag("", "text BatchingParameters; needs enable_batching")
    enable_per_model_batching_parameters: bool = _flag(False, "read batching_params.pbtxt in each version's folder")
    allow_version_labels_for_unavailable_models: bool = _flag(False, "accept a label before its version is loaded")
    model_config_file: str = _flag("", "text ModelServerConfig; model_name and model_base_path are then ignored")
    model_config_file_poll_wait_seconds: int = _flag(0, "seconds between readings of model_config_file; 0: never")
    model_name: str = _flag("default", "name of the one model")
    model_base_path: str = _flag("", "folder of the one model's versions")
    num_load_threads: int = _flag(0, "threads that load; 0: one after another")
    num_unload_threads: int = _flag(0, "threads that unload; 0: one after another")
    max_num_load_retries: int = _flag(5, "times that a failed load is tried again")
    load_retry_interval_micros: int = _flag(60_000_000, "microseconds between tries; negative: none")
    file_system_poll_wait_seconds: int = _flag(1, "seconds between looks for versions; 0: one look, negative: none")
    flush_filesystem_caches: bool = _flag(True, "flush file system caches after the first load")
    tensorflow_session_parallelism: int = _flag(0, "threads of a session, within and between ops; 0: automatic")
    tensorflow_intra_op_parallelism: int = _flag(0, "threads within an op; 0: automatic")
    tensorflow_inter_op_parallelism: int = _flag(0, "threads between ops; 0: automatic")
    tensorflow_session_config_file: str = _flag("", "text ConfigProto of the sessions")
    use_alts_credentials: bool = _flag(False, "ALTS on the gRPC port")
    ssl_config_file: str = _flag("", "text SSLConfig of the gRPC port")
    platform_config_file: str = _flag("", "text PlatformConfigMap; batching flags are then ignored")
    per_process_gpu_memory_fraction: float = _flag(0.0, "share of a GPU's memory to take at start; 0: automatic")
    saved_model_tags: str = _flag("serve", "tags of the graph to load, comma-separated")
    grpc_channel_arguments: str = _flag("", "gRPC channel arguments, k=v,k=v")
    grpc_max_threads: int = _flag(4 * (os.cpu_count() or 1), "most threads for gRPC")
    enable_model_warmup: bool = _flag(True, "replay assets.extra/tf_serving_warmup_requests before serving")
    num_request_iterations_for_warmup: int = _flag(0, "times that each warm-up request is run; 0: once")
    version: bool = _flag(False, "print the version and exit")
    monitoring_config_file: str = _flag("", "text MonitoringConfig")
    remove_unused_fields_from_bundle_metagraph: bool = _flag(True, "drop parts of the graph not needed to serve")
    prefer_tflite_model: bool = _flag(False, "serve model.tflite where a version has one")
    num_tflite_pools: int = _flag(os.cpu_count() or 1, "TFLite interpreter pools")
    num_tflite_interpreters_per_pool: int = _flag(1, "TFLite interpreters in a pool")
    enable_signature_method_name_check: bool = _flag(False, "refuse signatures of another method name")
    xla_cpu_compilation_enabled: bool = _flag(False, "allow XLA on CPU")
    xla_gpu_compilation_enabled: bool = _flag(False, "allow XLA on GPU")
    enable_profiler: bool = _flag(True, "serve tensorflow.ProfilerService on the gRPC port")
    thread_pool_factory_config_file: str = _flag("", "text ThreadPoolConfig")
    mixed_precision: str = _flag("", "only bfloat16")
    skip_initialize_tpu: bool = _flag(False, "leave TPUs alone")
    enable_grpc_healthcheck_service: bool = _flag(False, "serve grpc.health.v1.Health on the gRPC port")
    enable_serialization_as_tensor_content: bool = _flag(False, "answer gRPC Predict with tensor_content")
    enable_reload_config_requests: bool = _flag(False, "let whoever reaches the gRPC port change what is served")


class BadValue(Exception):
    """A flag's value that cannot be read; the text is what is printed before the usage."""


def parse(arguments: Sequence[str]) -> tuple[Flags, list[str]]:
    """The flags, and the arguments that are none of them. Raises BadValue. Of a flag given twice the last one wins."""
    known = {f.name: f for f in fields(Flags)}
    values: dict[str, Any] = {}
    unknown = []
    for argument in arguments:
        name, equals, text = argument.removeprefix("--").partition("=")
        flag = known.get(name) if argument.startswith("--") else None
        if flag is None or not (equals or flag.type is bool):
            unknown.append(argument)
        else:
            values[name] = _value(name, flag.type, text if equals else "true")
    return Flags(**values), unknown


def _value(name: str, kind: object, text: str) -> Any:
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if kind is int:
            return _int(text)
        return float(text) if kind is float else text
    except (KeyError, ValueError):
        raise BadValue(f"Couldn't interpret value {text} for flag {name}.") from None


def _int(text: str) -> int:
    if not text.removeprefix("-").removeprefix("+").isdecimal():
        raise ValueError(text)
    return int(text)


def usage(program: str) -> str:
    """Every flag with default, type and help."""
    lines = [f"usage: {program}", "Flags:"]
    for flag in fields(Flags):
        kind = "string" if flag.type is str else getattr(flag.type, "__name__", "")
        default = f'"{flag.default}"' if kind == "string" else str(flag.default).lower()
        lines.append(f"\t{f'--{flag.name}={default}':<56}\t{kind}\t{flag.metadata['help']}")
    return "\n".join(lines) + "\n"
