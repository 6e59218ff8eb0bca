"""The pages for people: what they link to exists, and so do the make targets that they name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
TARGETS = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))

TEST = re.compile(r"`(tests/[\w./-]+\.py)::(test_\w+)`")

MADE = {"localcluster/values.yaml", "build/choose"}
"""Paths that commands make, and git ignores."""

every_page = pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be linked to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def spelt_out(name: str) -> list[str]:
    """A path for each word of its braces; a name in capitals stands for any."""
    before, brace, rest = name.partition("{")
    words, _, after = rest.partition("}")
    found = [before + word + after for word in words.split(",")] if brace else [name]
    return [re.sub(r"[A-Z]{4,}", "*", each).rstrip("/") for each in found]


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


@every_page
def test_make_targets_exist(page: Path) -> None:
    # The name may stand in prose, in backquotes, or alone on a line of a listing.
    named = set(re.findall(r"(?:`|^|[A-Z]=\S+ )make ([a-z][a-z0-9-]*)", page.read_text(), re.MULTILINE))
    assert named <= TARGETS


@every_page
def test_paths_exist(page: Path) -> None:
    top = {path.name for path in ROOT.iterdir() if path.is_dir()}
    named = [
        name for name in re.findall(r"`([\w.{},*/-]+/[\w.{},*/-]*)`", page.read_text()) if name.split("/")[0] in top
    ]
    missing = [name for name in named if not any(any(ROOT.glob(each)) for each in spelt_out(name))]
    assert [name for name in missing if name not in MADE] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()


def test_every_door_names_tests_that_exist() -> None:
    page = (ROOT / "docs/security.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("|")][2:]
    assert rows
    untested = [row for row in rows if not TEST.search(row.split("|")[-2])]
    assert untested == []


@every_page
def test_tests_exist(page: Path) -> None:
    missing = [name for path, name in TEST.findall(page.read_text()) if f"def {name}(" not in (ROOT / path).read_text()]
    assert missing == []
