"""Settings come from the environment, and every one says what it is for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from noria.contract import Backbone
from noria.resources.installation import Installation
from noria.runtime.settings import OperatorSettings, describe, variables


def test_values_are_read_by_type_and_absent_ones_have_defaults() -> None:
    settings = OperatorSettings.from_environment(
        {"NORIA_WATCH_NAMESPACES": "a, b,", "NORIA_WORKERS": "3", "NORIA_RETRY_SECONDS": ".5", "NORIA_BUCKET": ""}
    )
    assert settings.watch_namespaces == ("a", "b")
    assert (settings.workers, settings.retry_seconds, settings.installation.bucket) == (3, 0.5, "noria")


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="NORIA_WORKERS must be an integer, not 'many'"):
        OperatorSettings.from_environment({"NORIA_WORKERS": "many"})
    with pytest.raises(ValueError, match="NORIA_DEFAULT_SERVER_TYPE must be one of TensorFlowServing, Noria, not 'X'"):
        OperatorSettings.from_environment({"NORIA_DEFAULT_SERVER_TYPE": "X"})
    with pytest.raises(ValueError, match=r"NORIA_EXPLORATION must be a number from 0 to 1, not 5\.0"):
        OperatorSettings.from_environment({"NORIA_EXPLORATION": "5"})
    with pytest.raises(ValueError, match=r"NORIA_STEP_EPHEMERAL_STORAGE must be a quantity .* not '20 GB'"):
        OperatorSettings.from_environment({"NORIA_STEP_EPHEMERAL_STORAGE": "20 GB"})
    with pytest.raises(ValueError, match="NORIA_STEP_SECONDS must be 1 or more, not 0"):
        OperatorSettings.from_environment({"NORIA_STEP_SECONDS": "0"})
    with pytest.raises(ValueError, match=r"NORIA_BACKBONES must be JSON as shown by --help, not '\[\{\}\]'"):
        OperatorSettings.from_environment({"NORIA_BACKBONES": "[{}]"})
    with pytest.raises(ValueError, match=r"NORIA_SOURCE_NETWORKS must hold networks: .*10\.0\.0\.1/8"):
        OperatorSettings.from_environment({"NORIA_SOURCE_NETWORKS": "fd00::/8, 10.0.0.1/8"})


def test_the_installation_is_read_with_the_rest() -> None:
    backbone = {"name": "MobileNetV2", "uri": "s3://noria/w.h5", "digest": f"sha256:{'0' * 64}"}
    found = OperatorSettings.from_environment({"NORIA_BACKBONES": json.dumps([backbone]), "NORIA_SEED": "7"})
    assert found.installation == Installation(backbones=(Backbone(**backbone),), seed=7)


def test_help_and_the_documentation_tell_of_every_setting() -> None:
    page = Path(__file__).parents[3] / "docs" / "operations.md"
    assert {"NORIA_BUCKET", "NORIA_WORKERS", "NORIA_LOG_FORMAT"} <= set(variables())
    for name in variables():
        assert name in describe()
        assert f"`{name}`" in page.read_text()


def test_an_operator_without_a_cluster_says_what_to_set(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    started = subprocess.run(
        [sys.executable, "-m", "noria"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert started.returncode == 1
    assert started.stderr.startswith("no cluster: set KUBECONFIG to a kubeconfig file")
    assert len(started.stderr.splitlines()) == 1
