"""The store that a command works on: that of the environment, or that of the kubeconfig's cluster."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noria_cli.cluster.option import has_kubeconfig
from noria_store.store import Store

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


@contextmanager
def own_store(arguments: argparse.Namespace) -> Iterator[Store]:
    """The store of the AWS_* variables; without any, the one that the cluster's Secret names, while the block runs."""
    named: Path | None = arguments.kubeconfig
    if any(os.environ.get(key) for key in KEYS) or not (named or arguments.context or has_kubeconfig()):
        yield Store.from_environment()
        return
    from noria_cli.cluster.connection import connect
    from noria_cli.cluster.store import bucket

    with bucket(connect(arguments)) as store:
        yield store
