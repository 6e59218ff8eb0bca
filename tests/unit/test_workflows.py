"""What lies in .github: workflows call make targets that exist, and the forms of issues are ones that GitHub takes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
TARGETS = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yaml"))
FORMS = sorted(GITHUB.glob("ISSUE_TEMPLATE/*.yaml"))

every_workflow = pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in WORKFLOWS])
every_form = pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in FORMS])


def read(path: Path) -> dict[Any, Any]:
    found = yaml.safe_load(path.read_text())
    assert isinstance(found, dict)
    return found


def commands(path: Path) -> list[str]:
    """The commands of a workflow."""
    return [step["run"] for job in read(path)["jobs"].values() for step in job["steps"] if "run" in step]


@every_workflow
def test_make_targets_of_a_workflow_exist(path: Path) -> None:
    called = [words.split() for command in commands(path) for words in re.findall(r"\bmake ([a-z -]+)", command)]
    assert {target for targets in called for target in targets} <= TARGETS


@every_workflow
def test_scripts_of_a_workflow_exist(path: Path) -> None:
    named = [word for command in commands(path) for word in re.findall(r"(?:^| )(\.?[\w-]+/[\w./-]+)", command)]
    made = ("dist/", "localcluster/values.yaml")
    assert [word for word in named if not word.startswith(made) and not (ROOT / word).exists()] == []


@every_workflow
def test_a_workflow_has_a_trigger_and_few_rights(path: Path) -> None:
    found = read(path)
    assert found[True], "YAML 1.1 reads the key `on` as true"
    assert set(found["permissions"].values()) <= {"read", "write"}
    assert all(job["runs-on"] and job["timeout-minutes"] for job in found["jobs"].values())


def test_a_release_makes_images_chart_and_wheel() -> None:
    called = " ".join(commands(GITHUB / "workflows/release.yaml"))
    assert "make images" in called
    assert "make wheel chart" in called
    assert "helm push dist/noria-*.tgz" in called


@every_form
def test_a_form_asks_something(path: Path) -> None:
    form = read(path)
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in fields} <= {"textarea", "input", "dropdown", "checkboxes"}
    assert all(field["attributes"]["label"] for field in fields)
    names = [field["id"] for field in fields]
    assert len(names) == len(set(names))
