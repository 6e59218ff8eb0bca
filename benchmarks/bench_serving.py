"""Compares noria-server with MLServer, KServe, BentoML and LitServe on the same SavedModels: `make bench-serving`.

One core for the server, one for the load, which h2load makes. Each round starts every server with every model and asks
it for some seconds; each figure is the median of the rounds, so that a machine that drifts drifts for all. A row per
server, protocol, model and concurrency goes to benchmarks/results/serving.json, and a drawing of the ratios to
docs/plots. The rows of the server `in-process` are what one thread does without any server. What is measured is kept in
build/serving until all is there, so that a run that was cut short goes on.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from cache_folder import CACHE
from serving.plot import LIMIT, draw
from serving.request import Request, over_grpc, rest
from serving.server import SERVER_CORE, SERVERS, Running, Server, python_of, started
from serving.verdict import print_verdict

LOAD_CORE = "1"
CONCURRENCY = (1, 8, 32)
ROWS: dict[str, Any] = {
    "half_plus_two": [1.0],
    "mlp": [[0.1 * i for i in range(16)]],
    "cnn": [[[[(i + j) / 56] for j in range(28)] for i in range(28)]],
    "text": ["free offer of the week click here now"],
    "large": [[0.1 * i for i in range(16)]],
}
WARM_UP_SECONDS = 0.3
RESULTS, PLOT = Path("benchmarks/results/serving.json"), Path("docs/plots/serving.svg")
SCRIPTS = Path(__file__).parent / "serving"
SAME = ("server", "protocol", "model", "concurrency")
Row = dict[str, Any]


def load(request: Request, concurrency: int, seconds: float, folder: Path) -> list[int]:
    """The microseconds of each answered request. Raises RuntimeError where some failed."""
    body, log = folder / "body", folder / "requests.log"
    body.write_bytes(request.body)
    log.unlink(missing_ok=True)
    streams = ["-c", "1", "-m", str(concurrency)] if request.is_grpc else ["--h1", "-c", str(concurrency)]
    headers = [part for header in request.headers for part in ("-H", header)]
    command = ["taskset", "-c", LOAD_CORE, "h2load", *streams, "-t", "1", "-D", _ms(seconds), "--warm-up-time"]
    command += [_ms(WARM_UP_SECONDS), "-d", str(body), *headers, f"--log-file={log}", request.url]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in log.read_text().splitlines()]
    times = [int(microseconds) for _, status, microseconds in lines if status == "200"]
    if "0 failed, 0 errored" not in printed or not times or len(lines) - len(times) > concurrency:
        raise RuntimeError(printed)  # what is on its way when the time is over has no status
    return times


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms"


def measured(running: Running, request: Request, concurrency: int, seconds: float, folder: Path) -> Row:
    """The figures of one request."""
    before = running.cpu_seconds()
    times = sorted(load(request, concurrency, seconds, folder))
    cpu = running.cpu_seconds() - before
    return {
        "rps": len(times) / seconds,
        "p50_ms": times[len(times) // 2] / 1000,
        "p99_ms": times[len(times) * 99 // 100] / 1000,
        "cpu_us": cpu * 1e6 / (len(times) * (seconds + WARM_UP_SECONDS) / seconds),
    }


def bench(server: Server, python: str, model: Path, seconds: float, folder: Path) -> list[Row]:
    """The rows of one server and model in one round."""
    rows: list[Row] = []
    expected = json.loads((model / "expected.json").read_text())
    requests = {"rest": rest(server.name, ROWS[model.name])}
    if server.has_grpc:
        requests["grpc"] = over_grpc(server.name, ROWS[model.name])
    with started(server, python, model, folder / "server", requests["rest"]) as running:
        for protocol, request in requests.items():
            request.check(expected)
            for concurrency in CONCURRENCY:
                row = {"server": server.name, "protocol": protocol, "model": model.name, "concurrency": concurrency}
                row |= measured(running, request, concurrency, seconds, folder)
                row |= {"rss_mb": running.resident_mb(), "ready_s": running.ready_seconds}
                line = "  {server:13} {protocol} {model:14} {concurrency:>3} {rps:>9.0f}/s {p50_ms:>8.2f} ms"
                print(line.format(**row), flush=True)
                rows.append(row)
            request.check(expected)
    return rows


def in_process(model: Path, seconds: float) -> list[Row]:
    """What the model alone can do, in one thread on the server's core."""
    command = ["taskset", "-c", SERVER_CORE, sys.executable, str(SCRIPTS / "in_process.py"), str(model / "1")]
    command += [json.dumps(ROWS[model.name]), str(seconds)]
    rps = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [{"server": LIMIT, "protocol": "none", "model": model.name, "concurrency": 1, "rps": rps}]


def kept(file: Path, make: Callable[[], list[Row]]) -> list[Row]:
    """The rows in a file; where it is not there, it is made first."""
    if not file.exists():
        rows = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(rows))
    return json.loads(file.read_text())  # type: ignore[no-any-return]  # written here


def medians(rows: list[Row]) -> list[Row]:
    """One row for those of all rounds."""
    rounds: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        rounds.setdefault(tuple(row[key] for key in SAME), []).append(row)
    return [
        {
            key: value if key in SAME else round(statistics.median(row[key] for row in same), 3)
            for key, value in same[0].items()
        }
        for same in rounds.values()
    ]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", nargs="*", default=[server.name for server in SERVERS])
    parser.add_argument("--models", nargs="*", default=list(ROWS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument(
        "--kept", type=Path, default=Path("build/serving"), help="where rows are kept till all are there"
    )
    parser.add_argument("--cache", type=Path, default=CACHE / "bench-serving")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--trial", action="store_true", help="one short round, printed and not written")
    options = parser.parse_args()
    if not shutil.which("h2load"):
        sys.exit("h2load is needed: apt-get install nghttp2-client")
    rounds, seconds = (1, 1) if options.trial else (options.rounds, options.seconds)
    servers = [server for server in SERVERS if server.name in options.servers]
    pythons = {server.name: python_of(server, options.cache, options.uv) for server in servers}
    began, found = time.monotonic(), list[Row]()
    with tempfile.TemporaryDirectory() as scratch:
        folder, models = Path(scratch), Path(scratch, "models")
        subprocess.run([sys.executable, str(SCRIPTS / "models.py"), str(models), json.dumps(ROWS)], check=True)
        for turn, name in product(range(rounds), options.models):
            print(f"round {turn + 1} of {rounds}, {name}", flush=True)
            stem, model = f"{options.kept}/{seconds}s-{turn}-{name}", models / name
            found += kept(Path(f"{stem}-{LIMIT}.json"), partial(in_process, model, seconds))
            for server in servers:
                ask = partial(bench, server, pythons[server.name], model, seconds, folder)
                found += kept(Path(f"{stem}-{server.name}.json"), ask)
    rows = medians(found)
    print_verdict(rows)
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
    if not options.trial:
        RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
        draw(rows, PLOT)
    shutil.rmtree(options.kept)


if __name__ == "__main__":
    main()
