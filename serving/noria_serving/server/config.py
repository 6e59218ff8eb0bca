"""What to serve: the configuration of each model, from flags, a file or a reload request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tensorflow_serving.config.model_server_config_pb2 import ModelConfig as ModelConfigProto
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig, ModelType

from noria_serving.server.flags import Flags
from noria_serving.server.status import Code, ServingError, invalid_argument
from noria_serving.server.text_file import read_text
from noria_serving.server.version_policy import LATEST, All, Latest, Policy, Specific

PLATFORM = "tensorflow"
"""The one platform of models that there is."""


@dataclass(frozen=True)
class ModelConfig:
    """One model: where its versions lie, which of them are served, and what they are called."""

    name: str
    base_path: str
    platform: str = PLATFORM
    policy: Policy = LATEST
    labels: Mapping[str, int] = field(default_factory=dict)


def from_flags(flags: Flags) -> ModelServerConfig:
    """The models that the flags ask for; raises ServingError."""
    if flags.model_config_file:
        return read_text(flags.model_config_file, ModelServerConfig)
    if not flags.model_base_path:
        raise invalid_argument("Both server_options.model_base_path and server_options.model_config_file are empty!")
    model = ModelConfigProto(name=flags.model_name, base_path=flags.model_base_path, model_platform=PLATFORM)
    return ModelServerConfig(model_config_list={"config": [model]})


def from_proto(server: ModelServerConfig) -> list[ModelConfig]:
    """The models of a configuration; raises ServingError where the original refuses it."""
    if server.WhichOneof("config") == "custom_model_config":
        raise invalid_argument("ModelServer does not yet support custom model config.")
    return validated(_model(model) for model in server.model_config_list.config)


def successor(server: ModelServerConfig) -> ModelServerConfig:
    """A configuration that shall replace another; raises ServingError where it says nothing."""
    if server.WhichOneof("config") != "model_config_list":
        text = (
            "Cannot transition to requested config. It is only legal to transition from one ModelConfigList to another."
        )
        raise precondition(text)
    return server


def _model(model: ModelConfigProto) -> ModelConfig:
    if model.HasField("logging_config"):
        raise invalid_argument("No request-logger-creator provided.")
    return ModelConfig(model.name, model.base_path, _platform(model), _policy(model), dict(model.version_labels))


def _platform(model: ModelConfigProto) -> str:
    kind, platform = "ModelServerConfig::model_type (deprecated)", "ModelServerConfig::model_platform"
    if model.model_type and model.model_platform:
        raise invalid_argument(f"Illegal setting both {kind} and {platform}, model name is {model.name}")
    if model.model_type not in (ModelType.MODEL_TYPE_UNSPECIFIED, ModelType.TENSORFLOW):
        raise invalid_argument(f"ModelServerConfig::model_type choice {model.model_type} not supported.")
    if not (model.model_type or model.model_platform):
        raise invalid_argument(f"Illegal setting neither {kind} nor {platform}, model name is {model.name}")
    return model.model_platform or PLATFORM


def _policy(model: ModelConfigProto) -> Policy:
    choice = model.model_version_policy
    match choice.WhichOneof("policy_choice"):
        case "all":
            return All()
        case "specific":
            return Specific(tuple(choice.specific.versions))
        case "latest":
            return Latest(choice.latest.num_versions or 1)
    return LATEST


def validated(models: Iterable[ModelConfig]) -> list[ModelConfig]:
    """The models, if they can be served side by side."""
    seen: dict[str, ModelConfig] = {}
    for model in models:
        if model.name in seen:
            raise invalid_argument(f"Illegal to list model {model.name} multiple times in config list")
        if not model.base_path.startswith("/") and "://" not in model.base_path:
            text = f"Expected model {model.name} to have an absolute path or URI; got base_path()={model.base_path}"
            raise invalid_argument(text)
        seen[model.name] = model
    return list(seen.values())


def check_platforms(models: Iterable[ModelConfig], before: Mapping[str, ModelConfig]) -> None:
    """Raises ServingError for a model of another platform than there is, or than it had."""
    for model in models:
        old = before.get(model.name, model).platform
        if old != model.platform:
            text = f"Illegal to change a model's platform. For model {model.name} platform was {old}"
            raise invalid_argument(f"{text} and new platform requested is {model.platform}")
        if model.platform != PLATFORM:
            raise invalid_argument(f"Model {model.name} requests unsupported platform {model.platform}")


def precondition(message: str) -> ServingError:
    """The configuration is well-formed but does not fit what is loaded."""
    return ServingError(Code.FAILED_PRECONDITION, message)
