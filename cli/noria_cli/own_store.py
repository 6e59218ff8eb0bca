"""The store that a command works on: that of the environment, that of the kubeconfig's cluster, or a local folder."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noria_cli.cluster.option import has_kubeconfig
from noria_store.store import Store
from noria_store.uri import is_s3

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


@contextmanager
def own_store(arguments: argparse.Namespace, uri: str) -> Iterator[Store]:
    """The store with the URI: of the AWS_* variables, without any the one that the cluster's Secret names.

    A path of this machine needs no cluster.
    """
    named: Path | None = arguments.kubeconfig
    has_cluster = bool(named or arguments.context or has_kubeconfig())
    if not is_s3(uri) or not has_cluster or any(os.environ.get(key) for key in KEYS):
        yield Store.from_environment()
        return
    from noria_cli.cluster.connection import connect
    from noria_cli.cluster.store import bucket

    with bucket(connect(arguments)) as store:
        yield store
