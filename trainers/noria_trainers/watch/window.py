"""Windows of a watch: what a version's pods have counted in some time, long enough for a fair share of requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from noria_trainers.watch.pods import Pod, Reading
from noria_trainers.watch.tally import Tally


@dataclass(frozen=True)
class Window:
    """What happened to a version in some time."""

    tally: Tally = field(default_factory=Tally)
    restarts: int = 0
    """Servers whose counters began again."""
    is_down: bool = False
    """Whether no pod of the version was ready all the time."""


@dataclass
class Windows:
    """Divides readings into windows of so many seconds; one with too few requests goes on until it has enough.

    A window without a ready pod, or with a server that was started again, needs no requests.
    """

    version: int
    seconds: float
    least: int
    """Requests that a window needs."""
    total: Tally = field(default_factory=Tally)
    """Requests since the first reading."""
    _since: float = 0.0
    _current: Window = field(default_factory=Window)
    _known: Mapping[str, Pod] = field(default_factory=dict)

    def begin(self, at: float) -> None:
        """The first window begins at this time, in seconds."""
        self._since = at

    def add(self, reading: Reading, at: float) -> Window | None:
        """Take in what was read at this time; the window that it ends."""
        is_down = reading.is_certain and not reading.of(self.version)
        if is_down != self._current.is_down:
            self._open(at, is_down=is_down)
        self._count(reading)
        window = self._current
        has_enough = window.tally.requests >= self.least or window.is_down or window.restarts > 0
        if at - self._since < self.seconds or not has_enough:
            return None
        self._open(at, is_down=is_down)
        return window

    def _open(self, at: float, *, is_down: bool) -> None:
        self._since, self._current = at, Window(is_down=is_down)

    def _count(self, reading: Reading) -> None:
        """Add what each pod has counted since it was read last; all of it where the pod or its server is another."""
        own = {address: pod for address, pod in reading.pods.items() if pod.version == self.version}
        before = {address: self._known[address].tally for address in own if address in self._known}
        restarted = {address for address, tally in before.items() if own[address].tally.is_behind(tally)}
        gained = sum((pod.tally - _base(before, address, restarted) for address, pod in own.items()), Tally())
        current = self._current
        self.total += gained
        self._current = Window(current.tally + gained, current.restarts + len(restarted), current.is_down)
        self._known = {**self._known, **own}


def _base(before: Mapping[str, Tally], address: str, restarted: set[str]) -> Tally:
    return Tally() if address in restarted else before.get(address, Tally())
