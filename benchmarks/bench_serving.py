"""Compares noria-server with MLServer, KServe, BentoML and LitServe on the same SavedModels: `make bench-serving`.

One core for the server, one for the load, which h2load makes. Each figure is the median of the runs. A row per server,
protocol, model and concurrency goes to benchmarks/results/serving.json, and a drawing of the ratios beside it. The rows
of the server `in-process` are what one thread does without any server.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from serving.plot import LIMIT, OURS, draw, ratios
from serving.server import SERVER_CORE, SERVERS, Request, Running, Server, python_of, started

LOAD_CORE = "1"
CONCURRENCY = (1, 8, 32)
ROWS: dict[str, Any] = {
    "half_plus_two": [1.0],
    "mlp": [[0.1 * i for i in range(16)]],
    "cnn": [[[[(i + j) / 56] for j in range(28)] for i in range(28)]],
    "text": ["free offer of the week click here now"],
    "large": [[0.1 * i for i in range(16)]],
}
Row = dict[str, Any]


def load(request: Request, concurrency: int, seconds: int, folder: Path) -> list[int]:
    """The microseconds of each answered request. Raises RuntimeError where some failed."""
    body, log = folder / "body", folder / "requests.log"
    body.write_bytes(request.body)
    log.unlink(missing_ok=True)
    streams = ["-c", "1", "-m", str(concurrency)] if request.is_grpc else ["--h1", "-c", str(concurrency)]
    headers = [part for header in request.headers for part in ("-H", header)]
    command = ["taskset", "-c", LOAD_CORE, "h2load", *streams, "-t", "1", "-D", f"{seconds}s", "--warm-up-time", "1s"]
    command += ["-d", str(body), *headers, f"--log-file={log}", request.url]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    times = [line.split("\t") for line in log.read_text().splitlines()]
    if "0 failed, 0 errored" not in printed or any(status != "200" for _, status, _ in times):
        raise RuntimeError(printed)
    return [int(microseconds) for _, _, microseconds in times]


def measured(running: Running, request: Request, concurrency: int, seconds: int, folder: Path) -> Row:
    """One run."""
    before = running.cpu_seconds()
    times = sorted(load(request, concurrency, seconds, folder))
    cpu = running.cpu_seconds() - before
    return {
        "rps": len(times) / seconds,
        "p50_ms": times[len(times) // 2] / 1000,
        "p99_ms": times[len(times) * 99 // 100] / 1000,
        "cpu_us": cpu * 1e6 / (len(times) * (seconds + 1) / seconds),
    }


def bench(server: Server, python: str, model: Path, runs: int, seconds: int, folder: Path) -> list[Row]:
    """The rows of one server and model."""
    rows = []
    requests = {"rest": server.rest(ROWS[model.name])}
    if server.has_grpc:
        requests["grpc"] = server.grpc(ROWS[model.name])
    with started(server, python, model, folder / "server", requests["rest"]) as running:
        for protocol, request in requests.items():
            for concurrency in CONCURRENCY:
                found = [measured(running, request, concurrency, seconds, folder) for _ in range(runs)]
                figures = {key: round(statistics.median(run[key] for run in found), 3) for key in found[0]}
                row = {"server": server.name, "protocol": protocol, "model": model.name, "concurrency": concurrency}
                row |= {**figures, "rss_mb": round(running.resident_mb()), "ready_s": running.ready_seconds}
                print(
                    "  {server:13} {protocol} {model:14} {concurrency:>3} {rps:>9.0f}/s {p50_ms:>8.2f} ms".format(**row)
                )
                rows.append(row)
    return rows


def in_process(model: Path, runs: int, seconds: int) -> Row:
    """What the model alone can do, in one thread on the server's core."""
    script = Path(__file__).parent / "serving/in_process.py"
    command = ["taskset", "-c", SERVER_CORE, sys.executable, str(script), str(model / "1")]
    command += [json.dumps(ROWS[model.name]), str(seconds)]
    found = [float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(runs)]
    return {"server": LIMIT, "protocol": "none", "model": model.name, "concurrency": 1, "rps": statistics.median(found)}


def print_ratios(rows: list[Row]) -> None:
    """What noria-server does to each request that the best peer does, and its share of what the model alone can do."""
    limits = {row["model"]: row["rps"] for row in rows if row["server"] == LIMIT}
    print(f"\nRequests per second, {OURS} / best peer, and / the model alone in one thread:")
    for ours, best, ratio in ratios(rows):
        bar = "#" * min(50, round(ratio * 5))
        name = f"{ours['protocol']} {ours['model']} {ours['concurrency']}"
        share = ours["rps"] / limits[ours["model"]] if ours["model"] in limits else float("nan")
        print(f"  {name:24} {ratio:6.2f} ({best['server']:8}) {share:6.2f} {bar}")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", nargs="*", default=[server.name for server in SERVERS])
    parser.add_argument("--models", nargs="*", default=list(ROWS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/noria/bench-serving")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results/serving.json")
    options = parser.parse_args()
    if not shutil.which("h2load"):
        sys.exit("h2load is needed: apt-get install nghttp2-client")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        models = Path(scratch, "models")
        subprocess.run([sys.executable, str(Path(__file__).parent / "serving/models.py"), str(models)], check=True)
        for server in (server for server in SERVERS if server.name in options.servers):
            python = python_of(server, options.cache, options.uv)
            for name in options.models:
                rows += bench(server, python, models / name, options.runs, options.seconds, Path(scratch))
        rows += [in_process(models / name, options.runs, options.seconds) for name in options.models]
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(rows, indent=1) + "\n")
    draw(rows, options.output.with_suffix(".svg"))
    print_ratios(rows)


if __name__ == "__main__":
    main()
