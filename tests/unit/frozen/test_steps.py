"""What the four steps give for a small dataset of each task: messages, revision, models, card and experience."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from unit.frozen import mask
from unit.frozen.golden import check, check_yaml
from unit.frozen.model import described
from unit.frozen.plan import PLANS

Life = Callable[[str], Path]
pytestmark = [pytest.mark.parametrize("name", PLANS), pytest.mark.timeout(1800)]


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text())


def files(folder: Path) -> list[str]:
    """Paths of all files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def places(name: str) -> list[str]:
    """Folders of a plan's trials and of its conclusion."""
    return [*(f"t{number}" for number, _ in enumerate(PLANS[name].configurations, 1)), "best"]


def test_messages(name: str, life_of: Life) -> None:
    folder = life_of(name)
    found = {file.stem: mask.masked(read(file), str(folder)) for file in (folder / "messages").iterdir()}
    check_yaml(f"messages/{name}.yaml", found)


def test_stored_reports_are_the_messages(name: str, life_of: Life) -> None:
    folder = life_of(name)
    for file in (folder / "messages").iterdir():
        assert read(folder / "reports" / file.name) == read(file)


def test_revision(name: str, life_of: Life) -> None:
    folder = life_of(name)
    (revision,) = (path for path in (folder / "dataset").iterdir() if path.is_dir())
    profile, manifest = (mask.rounded(read(revision / each), str(folder)) for each in ("profile.json", "manifest.json"))
    assert profile.pop("manifest")["metaFeatures"] == manifest["metaFeatures"]
    found = {"revision": revision.name, "files": files(revision), "manifest.json": manifest, "profile.json": profile}
    check_yaml(f"revisions/{name}.yaml", found)


def test_models(name: str, life_of: Life) -> None:
    models = {place: described(life_of(name) / place / "model.tar") for place in places(name)}
    if not PLANS[name].ensemble:
        models["best"] = {"files": models["best"]["files"], "digest": models["best"]["digest"]}
        assert models["best"]["digest"] == models["t1"]["digest"]
    check_yaml(f"models/{name}.yaml", models)


def test_card(name: str, life_of: Life) -> None:
    check(f"cards/{name}.md", mask.masked_card((life_of(name) / "best/card.md").read_text()))


def test_what_a_run_leaves(name: str, life_of: Life) -> None:
    folder = life_of(name)
    left = {place: files(folder / place) for place in places(name)}
    results = {path: without_statistics(read(folder / "experience" / path)) for path in files(folder / "experience")}
    check_yaml(f"results/{name}.yaml", {"files": left, "experience": mask.masked(results, str(folder))})


def without_statistics(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what the manifest says as well."""
    return {key: each for key, each in result.items() if key != "metaFeatures"}
