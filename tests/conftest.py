"""What tests of several layers share: a real S3 store."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from object_store import ObjectStore, free_ports, wait_until_it_answers, weed_server

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> list[str]:
    """What tests have measured: a line each, shown at the end also where all has passed."""
    return pytestconfig.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Shows the figures."""
    if lines := config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """SeaweedFS on free ports of this machine, for the whole session."""
    folder = tmp_path_factory.mktemp("object-store")
    ports = free_ports(8)
    log = folder / "log"
    with log.open("wb") as output, subprocess.Popen(weed_server(folder, ports), stdout=output, stderr=output) as server:
        store = ObjectStore(f"http://127.0.0.1:{ports[0]}")
        try:
            wait_until_it_answers(store, server, log)
            yield store
        finally:
            server.kill()  # nothing here outlives the session
    shutil.rmtree(folder)
