"""Makes a Dataset of what was uploaded, and what shall be trained and served of it. Used by `upload`."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from noria.runtime.resource_type import TYPES

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster


def apply(args: argparse.Namespace, dataset: dict[str, Any]) -> None:
    """Have the Dataset, and with --train or --serve a TrainingJob and a Model of its name."""
    found, name = cluster(args), dataset["metadata"]["name"]
    bodies = [dataset]
    if args.train or args.serve:
        search = {"search": {"trials": args.trials}} if args.trials else {}
        bodies.append(_body("TrainingJob", name, {"datasetRef": {"name": name}, **search}))
    if args.serve:
        bodies.append(_body("Model", name, {"source": {"trainingJobRef": {"name": name}}}))
    for body in bodies:
        found.apply(TYPES[body["kind"]].path(found.namespace, name), body)
        print(f"{body['kind'].lower()}/{name} applied in namespace {found.namespace}")
    print("follow it with `noria status --watch`", file=sys.stderr)


def cluster(args: argparse.Namespace) -> "Cluster":
    """The cluster that the options name."""
    from noria_cli.cluster.connection import connect

    return connect(args)


def _body(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": TYPES[kind].api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}
