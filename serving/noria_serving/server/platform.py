"""How the models of a server are loaded and run: by flags, or by --platform_config_file. Used by `server.assembly`.

Source: Server::BuildAndStart in tensorflow_serving/model_servers/server.cc: with a file, the flags of this are ignored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor_pool import Default
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from tensorflow.core.protobuf.config_pb2 import ConfigProto

from noria_serving.server.batching.parameters import UNNAMED_POOL, Parameters, parameters_of, read_parameters
from noria_serving.server.config import PLATFORM, ModelConfig
from noria_serving.server.extra_protos import PlatformConfigMap, SavedModelBundleSourceAdapterConfig
from noria_serving.server.flags import Flags
from noria_serving.server.status import Code, ServingError, invalid_argument
from noria_serving.server.text_file import read_text


@dataclass(frozen=True)
class Platform:
    """How models are loaded and run."""

    session: ConfigProto
    tags: tuple[str, ...]
    batching: Parameters | None
    """None where requests are not batched."""
    per_model_batching: bool
    warms_up: bool
    warm_up_iterations: int
    lite_interpreters: int
    """How many of them run a TFLite model; 0 where SavedModels are served only."""


def platform_of(flags: Flags, models: Sequence[ModelConfig]) -> Platform:
    """What the flags say, for these models. Raises ServingError."""
    return _from_file(flags.platform_config_file, models) if flags.platform_config_file else _from_flags(flags)


def _from_flags(flags: Flags) -> Platform:
    interpreters = max(1, flags.num_tflite_pools * flags.num_tflite_interpreters_per_pool)
    return Platform(
        session=_session(flags),
        tags=tuple(flags.saved_model_tags.split(",")),
        batching=_batching(flags),
        per_model_batching=flags.enable_per_model_batching_parameters,
        warms_up=flags.enable_model_warmup,
        warm_up_iterations=flags.num_request_iterations_for_warmup,
        lite_interpreters=interpreters if flags.prefer_tflite_model else 0,
    )


def _batching(flags: Flags) -> Parameters | None:
    file = flags.batching_parameters_file
    if file and not flags.enable_batching:
        name = "server_options.batching_parameters_file"
        raise invalid_argument(f"{name} is set without setting server_options.enable_batching to true.")
    if not flags.enable_batching:
        return None
    return read_parameters(file) if file else Parameters(pool_name=UNNAMED_POOL)


def _session(flags: Flags) -> ConfigProto:
    both, intra, inter = (
        flags.tensorflow_session_parallelism,
        flags.tensorflow_intra_op_parallelism,
        flags.tensorflow_inter_op_parallelism,
    )
    if both and intra and inter:
        raise invalid_argument(
            "Either configure server_options.tensorflow_session_parallelism or "
            "(server_options.tensorflow_intra_op_parallelism, server_options.tensorflow_inter_op_parallelism) "
            "separately. You cannot configure all."
        )
    path = flags.tensorflow_session_config_file
    config = read_text(path, ConfigProto) if path else ConfigProto()
    config.intra_op_parallelism_threads = intra or both or config.intra_op_parallelism_threads
    config.inter_op_parallelism_threads = inter or both or config.inter_op_parallelism_threads
    if flags.per_process_gpu_memory_fraction:
        config.gpu_options.per_process_gpu_memory_fraction = flags.per_process_gpu_memory_fraction
    return config


def _from_file(path: str, models: Sequence[ModelConfig]) -> Platform:
    config = _bundle_config(path, models)
    return Platform(
        session=config.session_config,
        tags=tuple(config.saved_model_tags) or ("serve",),
        batching=parameters_of(config.batching_parameters) if config.HasField("batching_parameters") else None,
        per_model_batching=False,
        warms_up=config.enable_model_warmup,
        warm_up_iterations=config.model_warmup_options.num_request_iterations.value,
        lite_interpreters=1 if config.prefer_tflite_model else 0,
    )


def _bundle_config(path: str, models: Sequence[ModelConfig]) -> Any:
    """The SessionBundleConfig of the platform. Raises ServingError."""
    for entry in read_text(path, PlatformConfigMap).platform_configs:
        if entry.key == PLATFORM:
            return _legacy_config(entry.value.source_adapter_config)
    name = models[0].name if models else ""
    raise invalid_argument(f"Model {name} requests unsupported platform {PLATFORM}")


def _legacy_config(config: Any) -> Any:
    """What an Any holds for the adapter that there is. The texts are those of util/class_registration.h."""
    _, slash, name = config.type_url.rpartition("/")
    if not (slash and name):
        raise invalid_argument(f"Supplied config's type_url could not be parsed: {config.type_url}")
    try:
        message: Any = GetMessageClass(Default().FindMessageTypeByName(name))()
        message.ParseFromString(config.value)
    except KeyError:
        text = f"Unable to find compiled-in proto descriptor of type {name}"
        raise ServingError(Code.INTERNAL, text) from None
    except DecodeError:
        raise invalid_argument(f"Malformed content of Any: {config}") from None
    if not isinstance(message, SavedModelBundleSourceAdapterConfig):
        raise invalid_argument(f"Couldn't find factory for config proto message type {name}\nconfig={message}")
    return message.legacy_config
