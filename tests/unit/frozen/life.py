"""A program that carries out the steps for some datasets in one process, ordered as a pod is: JSON in the environment.

It reads a list of plans as JSON and leaves the messages that a kubelet would get in each plan's FOLDER/messages. They
share a process since TensorFlow takes seconds to import.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from noria_trainers.__main__ import main

Order = dict[str, Any]


def message(folder: Path, name: str, order: Order) -> dict[str, Any]:
    """What the step tells the kubelet about the order."""
    path = folder / "messages" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    os.environ |= {"NORIA_ORDER": json.dumps({**order, "report": f"{folder}/reports/{name}.json"})}
    os.environ |= {"NORIA_REPORT_PATH": str(path), "NORIA_SCRATCH": f"{folder}/scratch", "NORIA_METRICS_PORT": "0"}
    os.environ["NORIA_SOURCE_FILES"] = "true"
    code = main([order["step"]])
    if code:
        sys.exit(f"{name}: exit code {code}: {path.read_text()}")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def live(plan: dict[str, Any]) -> None:
    """Profile the source, choose in each way, train each configuration, conclude."""
    folder = Path(plan["folder"])
    place = f"{folder}/dataset/"
    profile = {"step": "profile", "source": {"uri": plan["source"]}, "target": plan["target"], "destination": place}
    profiled = message(folder, "profile", {**profile, "task": plan["task"]})
    common = {"task": plan["task"], "metric": plan["metric"], "revision": f"{place}{profiled['revision']}/"}
    for strategy in plan["strategies"]:
        given = plan["configurations"] if strategy == "Explicit" else []
        choice = {"step": "choose", "strategy": strategy, "configurations": given, "experience": f"{folder}/none/"}
        message(folder, f"choose-{strategy}", {**common, **choice})
    trials = [
        trial(folder, f"t{number}", {**common, "configuration": each})
        for number, each in enumerate(plan["configurations"], 1)
    ]
    if not plan["ensemble"]:
        trials[1:] = [{**each, "score": None, "failure": "OutOfMemory"} for each in trials[1:]]
    conclusion = {"step": "conclude", "trials": trials, "ensemble": "IfBetter", "experience": f"{folder}/experience/"}
    message(folder, "conclude", {**common, **conclusion, "destination": f"{folder}/best/"})


def trial(folder: Path, name: str, order: Order) -> dict[str, Any]:
    """Train; the trial as the operator saw it end."""
    trained = message(folder, name, {"step": "train", **order, "destination": f"{folder}/{name}/"})
    report = f"{folder}/reports/{name}.json"
    return {"name": name, "configuration": order["configuration"], "score": trained["score"], "report": report}


if __name__ == "__main__":
    for each in json.load(sys.stdin):
        live(each)
