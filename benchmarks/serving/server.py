"""The servers of the comparison: how each is installed and started, and what it costs. Used by `bench_serving`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc

from serving.request import GRPC, REST, Request

APPS = Path(__file__).with_name("apps")
SERVER_CORE = "0"


@dataclass(frozen=True)
class Running:
    """A started server."""

    pid: int
    ready_seconds: float

    def tree(self) -> list[int]:
        """The process and all below it."""
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found = [self.pid]
        for pid in found:
            found += children.get(pid, [])
        return found

    def cpu_seconds(self) -> float:
        """User and system time of the tree so far."""
        total = 0
        for pid in self.tree():
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """Memory of the tree, shared pages counted once."""
        total = 0
        for pid in self.tree():
            with suppress(OSError, IndexError):
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(text.partition("Pss:")[2].split()[0])
        return total / 1024


@dataclass(frozen=True)
class Server:
    """One way of serving a SavedModel."""

    name: str
    package: str | None
    """What pip installs, none for this project's own."""
    has_grpc: bool

    def command(self, python: str, model: Path, folder: Path) -> list[str]:
        """How it is started on REST and GRPC ports, in `folder`."""
        match self.name:
            case "noria-server":
                flags = [f"--port={GRPC}", f"--rest_api_port={REST}", "--model_name=m", f"--model_base_path={model}"]
                return [python, "-m", "noria_serving", *flags]
            case "mlserver":
                settings = {"http_port": REST, "grpc_port": GRPC, "parallel_workers": 0, "metrics_port": 18602}
                (folder / "settings.json").write_text(json.dumps(settings))
                (folder / "model-settings.json").write_text(
                    json.dumps({"name": "m", "implementation": "mlserver_app.Runtime"})
                )
                return [python, "-m", "mlserver.cli.main", "start", str(folder)]
            case "kserve":
                return [python, str(APPS / "kserve_app.py"), str(REST), str(GRPC)]
            case "bentoml":
                return [python, "-m", "bentoml", "serve", "bentoml_app:Served", f"--port={REST}", "--host=127.0.0.1"]
            case "litserve":
                return [python, str(APPS / "litserve_app.py"), str(REST)]
        raise ValueError(self.name)


SERVERS = [
    Server("noria-server", None, True),
    Server("mlserver", "mlserver==1.7.1", True),
    Server("kserve", "kserve==0.21.0", True),
    Server("bentoml", "bentoml==1.4.40", False),
    Server("litserve", "litserve==0.2.19", False),
]


def python_of(server: Server, cache: Path, uv: str) -> str:
    """The interpreter that has the server; a peer gets a throwaway environment beside this one's TensorFlow."""
    if server.package is None:
        return sys.executable
    environment = cache / server.name
    python = environment / "bin" / "python"
    if not (environment / ".ready").exists():
        print(f"installing {server.package} ...", flush=True)
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(environment)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(python), server.package], check=True)
        (environment / ".ready").touch()
    here = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "zz_tensorflow.pth").write_text(f"{here}\n")
    return str(python)


@contextmanager
def started(server: Server, python: str, model: Path, folder: Path, probe: Request) -> Iterator[Running]:
    """The server, once it has answered the probe."""
    environment = {**os.environ, "SAVED_MODEL": str(model / "1"), "PYTHONPATH": str(APPS), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment |= {"NORIA_LINGER_SECONDS": "0"}
    folder.mkdir(parents=True, exist_ok=True)
    command = ["taskset", "-c", SERVER_CORE, *server.command(python, model, folder)]
    begun = time.monotonic()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=folder, start_new_session=True
        )
        try:
            _wait(probe, process, folder / "server.log")
            yield Running(process.pid, round(time.monotonic() - begun, 2))
        finally:
            _end(process)


def _wait(probe: Request, process: "subprocess.Popen[bytes]", log: Path, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError, grpc.RpcError):
            probe.answered()
            return
        time.sleep(0.05)
    raise RuntimeError(f"{log}: {log.read_text(errors='replace')[-3000:]}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
