"""Keeps the configured models loaded while files and configuration change, and finds a version for each request.

One thread looks at the base paths and takes one step at a time as `version_policy` says; loads run in a pool. A version
is unloaded when the last request that holds it is through: requests hold the Servable itself, nothing is counted.
"""

import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from noria_serving.server.config import ModelConfig, check_platforms, precondition
from noria_serving.server.loading import Loader, Loads, Outcome
from noria_serving.server.model import STATES, Model, Ready, Version, enlist
from noria_serving.server.servable import Servable
from noria_serving.server.status import Code, ServingError, abandoned, invalid_argument, not_found
from noria_serving.server.version_policy import Load, Phase, Unload, aspired, next_step

log = structlog.get_logger()
LOOK_SECONDS = 0.1
"""Between looks whether somebody still waits for a model."""
Lister = Callable[[str], Mapping[int, str]]
"""Where the versions below a base path lie; raises OSError where there is no such path."""


@dataclass(frozen=True)
class CatalogSettings:
    """How versions are looked for and loaded. Times in seconds."""

    poll: float = 1.0
    """Between looks at the base paths; 0 looks once, negative never."""
    retries: int = 5
    retry_interval: float = 60.0
    load_threads: int = 1
    labels_before_load: bool = False


class Catalog:
    """The models of this server."""

    def __init__(self, load: Loader, versions_below: Lister, settings: CatalogSettings) -> None:
        self._versions_below, self._settings = versions_below, settings
        self._models: dict[str, Model] = {}
        self._configured: dict[str, ModelConfig] = {}
        self._changes = self._seen = 0  # of the configuration: how many there were, and how many `_poll` has seen
        self._ready: Mapping[str, Ready] = {}
        self._lock = threading.RLock()
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._loads = Loads(
            load, threads=settings.load_threads, retries=settings.retries, retry_interval=settings.retry_interval
        )
        self._thread = threading.Thread(target=self._live, name="catalog", daemon=True)
        self._stopping = False

    # ---- asked by requests -------------------------------------------------------------------------------------

    def find(self, name: str, version: int | None = None, label: str | None = None) -> tuple[int, Servable]:
        """The version for a request: that one, the labelled one, or the highest that is ready. Raises ServingError."""
        ready = self._ready.get(name)
        if label is not None:
            version = self._labelled(name, label)
        if version is None:
            if ready is None:
                raise not_found(f"Servable not found for request: Latest({name})")
            return ready.latest, ready.versions[ready.latest]
        servable = ready.versions.get(version) if ready else None
        if servable is None:
            raise not_found(f"Servable not found for request: Specific({name}, {version})")
        return version, servable

    def _labelled(self, name: str, label: str) -> int:
        if not self._models:
            raise ServingError(Code.UNAVAILABLE, f"Model labels does not init yet.{label}")
        config = self._configured.get(name)
        if config is None or label not in config.labels:
            raise invalid_argument(f"Unrecognized servable version label: {label}")
        return config.labels[label]

    def statuses(self, name: str) -> list[tuple[int, int, ServingError | None]]:
        """Version, state and error of every version ever seen, the highest first."""
        with self._lock:
            model = self._models.get(name)
            versions = sorted(model.versions.values(), key=lambda v: -v.number) if model else []
            return [(version.number, STATES[version.phase], version.error) for version in versions]

    # ---- told by the server ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to load what is configured."""
        self._thread.start()

    def configure(self, configs: Sequence[ModelConfig]) -> None:
        """Serve these models and no others. Changes nothing where it raises ServingError."""
        with self._lock:
            self.check(configs)
            self.apply(configs)

    def check(self, configs: Sequence[ModelConfig]) -> None:
        """Raises ServingError where these models cannot follow those that are served."""
        with self._lock:
            check_platforms(configs, self._configured)
            for config in configs:
                self._check_labels(config)

    def apply(self, configs: Sequence[ModelConfig]) -> None:
        """Serve these models, which somebody has checked, and no others."""
        with self._lock:
            self._configured = {config.name: config for config in configs}
            self._changes += 1
            for config in configs:
                self._models.setdefault(config.name, Model(config)).config = config
            if self._settings.poll < 0:
                self._seen = self._changes  # nobody will look
            else:
                self._events.put(self._poll)

    def _check_labels(self, config: ModelConfig) -> None:
        """A label may always go to a version that is ready; to another one only where allowed, and never move there."""
        ready, old = self._ready.get(config.name), self._configured.get(config.name)
        for label, version in config.labels.items():
            stays = old is None or old.labels.get(label, version) == version
            if not (ready and version in ready.versions) and not (stays and self._settings.labels_before_load):
                text = f"Request to assign label to version {version} of model {config.name}"
                raise precondition(f"{text}, which is not currently available for inference")

    def wait_until_ready(
        self, names: Iterable[str] | None = None, is_wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """Return when each of the models, or of all, has a version that is ready.

        Raises ServingError where those that have none never will, and when nobody wants it.
        """
        kind = "servable" if names is None else "model"
        names = list(self._configured if names is None else names)
        while self.unready(names, kind):
            if not is_wanted():
                raise abandoned()
            with self._changed:
                self._changed.wait(LOOK_SECONDS)
        self._loads.end_first()

    def wait_until_settled(self) -> None:
        """Return when each of the models has a version that is ready, or none that could still be."""
        while not self._is_settled():
            with self._changed:
                self._changed.wait(LOOK_SECONDS)
        self._loads.end_first()

    def _is_settled(self) -> bool:
        with self._lock:
            if self._seen < self._changes:
                return False
            models = [self._models[name] for name in self._configured if name not in self._ready]
            return all(not model.wanted or self._failure(model.config.name) for model in models)

    def unready(self, names: Iterable[str], kind: str = "model") -> list[str]:
        """Those of the models that have no version that is ready. Raises ServingError where none of them ever will."""
        with self._lock:
            is_unseen = self._seen < self._changes
            waiting = sorted(name for name in names if is_unseen or name not in self._ready)
            if gone := [name for name in waiting if name not in self._configured]:
                reason = f"{', '.join(gone)}: another configuration without it took the place of this one"
                raise ServingError(Code.ABORTED, reason)
            failed = [text for name in waiting if (text := self._failure(name))]
        if failed and len(failed) == len(waiting):
            text = f"{len(failed)} {kind}(s) did not become available: {{{''.join(failed)}}}"
            raise ServingError(Code.UNKNOWN, text)
        return waiting

    def _failure(self, name: str) -> str | None:
        if self._seen < self._changes:
            return None  # what failed may not be wanted
        model = self._models[name]
        versions = [model.versions[number] for number in sorted(model.wanted) if number in model.versions]
        if not versions or any(version.phase is not Phase.FAILED for version in versions):
            return None
        last = versions[-1]
        return f"{{{{name: {name} version: {last.number}}} due to error: {last.error}}}, "

    def stop(self) -> None:
        """Unload everything and end the thread."""
        self._stopping = True
        with self._lock:
            self._configured = {}
        self._events.put(self._poll)
        for model in self._models.values():
            for version in model.versions.values():
                version.unwanted.set()
        self._thread.join(timeout=10)
        self._loads.stop()

    # ---- the catalog's thread ----------------------------------------------------------------------------------

    def _live(self) -> None:
        poll = self._settings.poll
        due = time.monotonic()
        while not (self._stopping and self._is_empty()):
            wait = max(0.0, due - time.monotonic()) if poll > 0 else None
            try:
                self._events.get(timeout=wait)()
            except queue.Empty:
                due = time.monotonic() + poll
                self._poll()
            except Exception:
                log.exception("catalog")
            self._settle()

    def _is_empty(self) -> bool:
        alive = (Phase.READY, Phase.UNLOADING)
        return not any(v.phase in alive for m in self._models.values() for v in m.versions.values())

    def _poll(self) -> None:
        """Look at the base paths, in order, up to the first that is missing; decide what is wanted."""
        with self._lock:
            changes = self._changes
        self._look()
        self._seen = changes

    def _look(self) -> None:
        for name, model in list(self._models.items()):
            if name not in self._configured:
                self._want(model, {})
        for config in list(self._configured.values()):
            try:
                found = self._versions_below(config.base_path)
            except OSError as error:
                text = f"Could not find base path {config.base_path} for servable {config.name} with error {error}"
                log.error(f"FileSystemStoragePathSource encountered a filesystem access error: {text}")
                return
            wanted = aspired(config.policy, found)
            if not wanted:
                log.warning("no versions to serve", model=config.name, base_path=config.base_path)
            self._want(self._models[config.name], {number: found[number] for number in wanted})

    def _want(self, model: Model, wanted: Mapping[int, str]) -> None:
        with self._lock:
            for number in model.wanted.keys() - wanted.keys():
                version = model.versions[number]
                version.unwanted.set()
                if version.phase in (Phase.NEW, Phase.FAILED):
                    version.phase = Phase.GONE
            for number, path in wanted.items():
                version = model.versions.get(number, Version(number, path))
                if version.phase is Phase.FAILED and version.path != path:
                    version.phase = Phase.GONE
            model.wanted = wanted

    def _settle(self) -> None:
        """Take every step that can be taken, and let requests see the outcome."""
        with self._lock:
            for model in self._models.values():
                enlist(model)
                while step := next_step({n: v.phase for n, v in model.versions.items()}, model.wanted):
                    self._take(model, step)
            self._publish()
        with self._changed:
            self._changed.notify_all()

    def _take(self, model: Model, step: Load | Unload) -> None:
        version = model.versions[step.version]
        if isinstance(step, Load):
            version.phase = Phase.LOADING
            self._loads.begin(model.config.name, version, partial(self._tell, model.config.name, version))
            return
        version.phase = Phase.UNLOADING
        self._publish()
        if servable := version.servable:
            version.servable, close = None, servable.close
            weakref.finalize(servable, self._events.put, lambda: self._closed(model, version, close)).atexit = False

    def _closed(self, model: Model, version: Version, close: Callable[[], None]) -> None:
        close()
        version.phase = Phase.GONE
        log.info("unloaded", model=model.config.name, version=version.number)

    def _publish(self) -> None:
        ready = {}
        for name, model in self._models.items():
            loaded = {v.number: v.servable for v in model.versions.values() if v.phase is Phase.READY and v.servable}
            if loaded:
                ready[name] = Ready(max(loaded), loaded)
        self._ready = ready

    def _tell(self, name: str, version: Version, outcome: Outcome, seconds: float) -> None:
        """Called in the thread that loaded."""
        self._events.put(lambda: self._loaded(name, version, outcome, seconds))

    def _loaded(self, name: str, version: Version, outcome: Outcome, seconds: float) -> None:
        with self._lock:
            if isinstance(outcome, Servable):
                version.servable, version.phase = outcome, Phase.READY
                log.info("loaded", model=name, version=version.number, seconds=seconds)
            else:
                version.error = outcome
                version.phase = Phase.GONE if version.unwanted.is_set() else Phase.FAILED
