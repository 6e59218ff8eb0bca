"""Puts the server together from its flags: models first, then, when they are ready, the ports. Used by `server.run`."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import structlog
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from noria_serving.server.batching.batcher import Batcher, Slots
from noria_serving.server.batching.parameters import PER_MODEL_FILE, read_parameters
from noria_serving.server.catalog import Catalog, CatalogSettings
from noria_serving.server.config import from_flags, from_proto, successor
from noria_serving.server.core import Core
from noria_serving.server.extra_protos import MonitoringConfig
from noria_serving.server.flags import Flags
from noria_serving.server.loader import LoadSettings, load
from noria_serving.server.loading import Loader
from noria_serving.server.metrics import Metrics
from noria_serving.server.model import Version
from noria_serving.server.platform import Platform, platform_of
from noria_serving.server.rest.api import Api
from noria_serving.server.rest.listener import Listener as RestListener
from noria_serving.server.rpc.listener import Listener as RpcListener
from noria_serving.server.rpc.listener import endpoints, worker_endpoints
from noria_serving.server.rpc.transport import channel_arguments, credentials
from noria_serving.server.servable import Servable
from noria_serving.server.session import SessionSettings
from noria_serving.server.source import Source
from noria_serving.server.status import ServingError, invalid_argument
from noria_serving.server.text_file import read_text
from noria_serving.server.warmup import warm_up
from noria_serving.server.workers.siblings import Siblings
from noria_serving.server.workers.supervisor import worker_of

log = structlog.get_logger()
METRICS_PATH = "/monitoring/prometheus/metrics"
MLMD_KEY = Path("assets.extra", "mlmd_uuid")
"""Where a version has its identity in ML Metadata."""
CPUS = os.cpu_count() or 1
BATCHED_THREADS = 128
"""Requests that wait for their batch hold a thread each, so batches need many."""


class StartError(Exception):
    """Why the server cannot start, for a person to read."""


class Server:
    """Models and ports of one process."""

    def __init__(self, flags: Flags) -> None:
        """Read everything that the flags name. Raises StartError."""
        try:
            self._flags = flags
            if not (flags.port or flags.grpc_socket_path):
                raise invalid_argument(
                    "At least one of server_options.grpc_port or server_options.grpc_socket_path must be set."
                )
            self._credentials = credentials(flags)
            worker = worker_of(os.environ)
            siblings = Siblings(*worker) if worker else None
            agreed = siblings.news() if siblings else None
            self._is_replacement = agreed is not None
            self._config = agreed or from_flags(flags)
            self._models = from_proto(self._config)
            self._metrics_path = _metrics_path(flags)
            self._rest: RestListener | None = None
            self._draining = threading.Event()
            source, metrics = Source(os.environ), Metrics()
            platform = platform_of(flags, self._models)
            self._batches = platform.batching is not None
            loads = _loader(platform, flags.enable_signature_method_name_check, source, metrics)
            self._core = Core(Catalog(loads, source.versions, _catalog_settings(flags)), metrics, siblings)
        except ServingError as error:
            raise StartError(str(error)) from error

    def load(self) -> None:
        """Load every model. Raises StartError."""
        try:
            catalog = self._core.catalog
            if self._is_replacement:  # of a process that served this: what has failed there may fail here
                catalog.apply(self._models)
                catalog.start()
                catalog.wait_until_settled()
            else:
                catalog.configure(self._models)
                catalog.start()
                catalog.wait_until_ready()
        except (ServingError, OSError, RuntimeError) as error:
            raise StartError(str(error)) from error

    def listen(self) -> None:
        """Take requests. Raises StartError."""
        try:
            self._listen_for_rpc()
            self._listen_for_rest()
            if self._flags.model_config_file and self._flags.model_config_file_poll_wait_seconds > 0:
                threading.Thread(target=self._poll_config, name="config", daemon=True).start()
        except (ServingError, OSError, RuntimeError) as error:
            raise StartError(str(error)) from error

    def _listen_for_rpc(self) -> None:
        flags = self._flags
        self._rpc = RpcListener(
            self._core,
            endpoints(
                self._core,
                as_content=flags.enable_serialization_as_tensor_content,
                reload=flags.enable_reload_config_requests,
                profiler=flags.enable_profiler,
            ),
            threads=max(flags.grpc_max_threads, BATCHED_THREADS if self._batches else 1),
            arguments=channel_arguments(flags.grpc_channel_arguments),
        )
        if flags.enable_grpc_healthcheck_service:
            self._rpc.add_health()
        self._rpc.add_reflection()
        if flags.port:
            self._rpc.bind(f"0.0.0.0:{flags.port}", self._credentials)
        if flags.grpc_socket_path:
            self._rpc.bind(f"unix:{flags.grpc_socket_path}", self._credentials)
        self._join()
        self._rpc.start()
        log.info("listening for gRPC", port=flags.port)

    def _listen_for_rest(self) -> None:
        flags = self._flags
        if flags.rest_api_port == flags.port and flags.port:
            text = (
                "server_options.http_port cannot be same as grpc_port. Please use a different port for HTTP/REST API."
            )
            log.error(f"{text} Skipped exporting HTTP/REST API.", port=flags.port)
        elif flags.rest_api_port:
            api = Api(
                self._core,
                cors=flags.rest_api_enable_cors_support,
                metrics_path=self._metrics_path,
                timeout=flags.rest_api_timeout_in_ms / 1000 if flags.rest_api_timeout_in_ms > 0 else None,
            )
            threads = max(flags.rest_api_num_threads, BATCHED_THREADS if self._batches else 1)
            self._rest = RestListener(api, flags.rest_api_port, threads, shares_port=self._core.siblings is not None)
            self._rest.start()
            log.info("listening for HTTP", port=flags.rest_api_port)

    def _join(self) -> None:
        """Let the other processes of this server ask this one, and follow what they have agreed on meanwhile."""
        siblings = self._core.siblings
        if siblings is None:
            return
        self._inner = RpcListener(self._core, worker_endpoints(self._core), threads=2 * CPUS, arguments={})
        with siblings.joined(self._config):
            self._inner.bind(f"unix:{siblings.own_socket}")
            self._inner.start()
            self._core.follow()
        self._core.catalog.wait_until_settled()

    def _poll_config(self) -> None:
        """Read the configuration file again and again; what cannot be applied is logged and changes nothing."""
        flags, siblings = self._flags, self._core.siblings
        while not self._draining.wait(flags.model_config_file_poll_wait_seconds):
            if siblings and not siblings.is_poller():
                continue
            try:
                self._core.configure(successor(read_text(flags.model_config_file, ModelServerConfig)))
            except ServingError as error:
                log.error("configuration not applied", file=flags.model_config_file, error=str(error))

    def drain(self, linger: float, timeout: float) -> None:
        """Ask clients to go elsewhere for `linger` seconds, then take nothing and answer what is begun."""
        self._draining.set()
        if self._rest:
            self._rest.announce_drain()
        log.info("draining")
        time.sleep(linger)
        self._rpc.drain(timeout)
        if self._rest:
            self._rest.drain(timeout)


def _loader(platform: Platform, checks_methods: bool, source: Source, metrics: Metrics) -> Loader:
    settings = LoadSettings(
        SessionSettings(platform.session, platform.tags),
        lite_interpreters=platform.lite_interpreters,
        checks_methods=checks_methods,
    )
    batcher_of = _batching(platform, metrics)

    def load_version(model: str, version: Version) -> Servable:
        location = version.path
        path = source.fetch(location)
        with ExitStack() as undo:
            undo.callback(source.discard, location, path)
            servable = load(path, settings, metrics, location)
            undo.callback(servable.close)
            if platform.warms_up:
                warm_up(servable, path, location, platform.warm_up_iterations, metrics)
            if path.joinpath(MLMD_KEY).is_file():
                metrics.mlmd_map.add(model, str(version.number), count=0)
            servable.batcher = batcher_of(path)
            servable.close = undo.pop_all().close
        return servable

    return load_version


def _batching(platform: Platform, metrics: Metrics) -> Callable[[Path], Batcher | None]:
    """What gives a version its batcher, none where requests are not batched."""
    shared = platform.batching
    if shared is None:
        return lambda path: None
    slots = Slots(shared.threads, shared.pool_name)

    def batcher(path: Path) -> Batcher | None:
        if not platform.per_model_batching:
            return Batcher(shared, slots, metrics)
        own = path / PER_MODEL_FILE
        return Batcher(read_parameters(own), slots, metrics) if own.is_file() else None

    return batcher


def _catalog_settings(flags: Flags) -> CatalogSettings:
    return CatalogSettings(
        poll=flags.file_system_poll_wait_seconds,
        retries=flags.max_num_load_retries,
        retry_interval=flags.load_retry_interval_micros / 1e6,
        load_threads=flags.num_load_threads,
        labels_before_load=flags.allow_version_labels_for_unavailable_models,
    )


def _metrics_path(flags: Flags) -> str | None:
    if not flags.monitoring_config_file:
        return None
    prometheus = read_text(flags.monitoring_config_file, MonitoringConfig).prometheus_config
    return (prometheus.path or METRICS_PATH) if prometheus.enable else None
