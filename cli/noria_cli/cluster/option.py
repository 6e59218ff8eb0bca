"""The options that say which cluster and which namespace a command is about."""

import argparse
import os
from pathlib import Path


def add_cluster(parser: argparse.ArgumentParser, *, namespace: bool = True) -> None:
    """Which kubeconfig, which of its contexts and which namespace."""
    group = parser.add_argument_group("cluster")
    group.add_argument(
        "--kubeconfig", type=Path, metavar="FILE", help="kubeconfig (default: KUBECONFIG, or ~/.kube/config)"
    )
    group.add_argument("--context", metavar="NAME", help="context of the kubeconfig (default: its current one)")
    if namespace:
        add_namespace(group)


def add_namespace(group: "argparse._ActionsContainer") -> None:
    """Which namespace."""
    group.add_argument("-n", "--namespace", metavar="NAME", help="namespace (default: that of the context)")


def has_kubeconfig() -> bool:
    """Whether the environment or the home folder has a kubeconfig."""
    return any(Path(each).is_file() for each in kubeconfig().split(os.pathsep) if each)


def kubeconfig() -> str:
    """What `kubernetes.config` would take, which reads the environment only when it is imported."""
    return os.environ.get("KUBECONFIG") or str(Path.home() / ".kube/config")
