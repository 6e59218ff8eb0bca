"""What the listeners share: the catalog, the metrics and the answers to questions about models."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataResponse, SignatureDefMap
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest, GetModelStatusResponse
from tensorflow_serving.apis.model_pb2 import ModelSpec
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from noria_serving.server.catalog import Catalog
from noria_serving.server.config import from_proto
from noria_serving.server.metrics import Metrics
from noria_serving.server.servable import Servable
from noria_serving.server.status import Code, invalid_argument, not_found
from noria_serving.server.workers.siblings import Siblings

SIGNATURE_DEF = "signature_def"


@dataclass
class Core:
    """The models and what is counted about them."""

    catalog: Catalog
    metrics: Metrics = field(default_factory=Metrics)
    siblings: Siblings | None = None
    """The other processes of this server, where there are some."""
    _following: threading.Lock = field(default_factory=threading.Lock)

    def find(self, spec: ModelSpec) -> tuple[int, Servable]:
        """The version that a request names. Raises ServingError."""
        if not spec.name:
            raise invalid_argument("ModelSpec has no name specified.")
        match spec.WhichOneof("version_choice"):
            case "version":
                return self.catalog.find(spec.name, version=spec.version.value)
            case "version_label":
                return self.catalog.find(spec.name, label=spec.version_label)
        return self.catalog.find(spec.name)

    def reload(self, config: ModelServerConfig, is_wanted: Callable[[], bool]) -> None:
        """Serve these models; returns when each has a version, in every process of this server. Raises ServingError,
        also when it is no longer wanted.
        """
        self.configure(config)
        self.catalog.wait_until_ready([model.name for model in from_proto(config)], is_wanted)
        if self.siblings:
            self.siblings.wait_until_ready(config, is_wanted)

    def configure(self, config: ModelServerConfig) -> None:
        """Serve these models from here on, in every process of this server or in none. Raises ServingError."""
        configs = from_proto(config)
        if self.siblings:
            self.siblings.agree(config, check=lambda: self.catalog.check(configs), follow=self.follow)
        else:
            self.catalog.configure(configs)

    def follow(self) -> None:
        """Serve what the processes of this server have agreed on since the last time."""
        with self._following:
            if self.siblings and (news := self.siblings.news()):
                self.catalog.apply(from_proto(news))

    @contextmanager
    def timed(self, model: str, api: str) -> Iterator[None]:
        """Count how long the runtime takes for a request that goes well."""
        start = time.perf_counter()
        yield
        self.metrics.runtime_latency.add((time.perf_counter() - start) * 1e6, model, api, "TF1")

    def metrics_page(self) -> str:
        """All metrics of this server in Prometheus text."""
        return self.metrics_of_all().page()

    def metrics_of_all(self) -> Metrics:
        """What all processes of this server have counted together."""
        return self.siblings.total(self.metrics) if self.siblings else self.metrics

    def status(self, spec: ModelSpec) -> GetModelStatusResponse:
        """The state of the model's versions, or of the one named. By label it is that of all. Raises ServingError."""
        own = self.status_here(spec)
        return self.siblings.status(GetModelStatusRequest(model_spec=spec), own) if self.siblings else own

    def status_here(self, spec: ModelSpec) -> GetModelStatusResponse:
        """The same in this process alone."""
        response = GetModelStatusResponse()
        wanted = spec.version.value if spec.WhichOneof("version_choice") == "version" else None
        for number, state, error in self.catalog.statuses(spec.name):
            if wanted in (None, number):
                status = response.model_version_status.add(version=number, state=state)
                status.status.error_code = error.code if error else Code.OK
                status.status.error_message = error.message if error else ""
        if not response.model_version_status:
            what = "any versions" if wanted is None else f"version {wanted}"
            raise not_found(f"Could not find {what} of model {spec.name}")
        return response

    def metadata(self, spec: ModelSpec, fields: list[str]) -> GetModelMetadataResponse:
        """The model's signatures. Raises ServingError."""
        if not fields:
            raise invalid_argument("GetModelMetadataRequest must specify at least one metadata_field")
        for name in fields:
            if name != SIGNATURE_DEF:
                raise invalid_argument(f"Metadata field {name} is not supported")
        version, servable = self.find(spec)
        response = GetModelMetadataResponse()
        response.model_spec.name, response.model_spec.version.value = spec.name, version
        signatures = SignatureDefMap(signature_def=servable.protos)
        response.metadata[SIGNATURE_DEF].Pack(signatures)
        return response
