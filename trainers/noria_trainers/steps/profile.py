"""The profile step: reads a source, checks it and writes its revision once. Started by `frame`."""

import json
from pathlib import Path
from typing import Any

import structlog

from noria.contract import SOURCE_PREFIX, ProfileOrder, ProfileReport, replaced
from noria.contract.place import MANIFEST, PROFILE, revision
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.choice.learned.landmarkers import quick_scores
from noria_trainers.data import shards
from noria_trainers.data.history import file_name
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.split_keys import FILE
from noria_trainers.examine import DividedExamples, Examined, examine
from noria_trainers.landmark import MOST_ROWS, landmarks

REFUSED = "refused"
"""Instead of a revision, in the path of what was found out about examples that make none."""
MOST_CLASSES = 20
log = structlog.stdlib.get_logger(__name__)


def run(order: ProfileOrder, store: Store, scratch: Path, source: Store | None = None) -> ProfileReport:
    """Profile the order's source, read with its own credentials. A revision that is there already is left alone."""
    users = source or Store.for_users(SOURCE_PREFIX, home=order.home)
    examined = examine(order, users, scratch, platform=store)
    report = _report(order, examined)
    divided = examined.accepted
    made = {"revision": report.revision} if divided else {"refused": True}
    log.info("profiled", **made, examples=report.examples, problems=len(report.problems))
    if divided is None:
        store.write(str(report.profile_uri), _profile(examined, report, None))
        return report
    uri = revision(order.destination, divided.revision)
    if divided.earlier:
        kept = divided.earlier.to_bytes()
        store.write_once(join(uri, file_name(kept)), kept)
    if not store.exists(join(uri, MANIFEST)):
        manifest = _landmarked(divided, scratch)
        keys = divided.keys.to_bytes()
        manifest = replaced(manifest, keys=divided.keys.described(keys))
        store.write(join(uri, FILE), keys)
        store.write(join(uri, PROFILE), _profile(examined, report, manifest))
        content = divided.gathered.content
        shards.write(store, uri, manifest, lambda name: content.shards(name, divided.chosen(name), scratch))
    return report


def _landmarked(divided: DividedExamples, scratch: Path) -> Manifest:
    """The manifest, with the quick scores of a table."""
    order, manifest, content = divided.order, divided.manifest(), divided.gathered.content
    rows = content.rows(divided.chosen("train")[:MOST_ROWS])
    if rows is None:
        return manifest
    quick = landmarks(order.task, content.columns, rows, scratch / "landmark", seconds=order.landmark_seconds)
    return replaced(manifest, meta_features={**manifest.meta_features, **quick})


def _report(order: ProfileOrder, examined: Examined) -> ProfileReport:
    findings, examples = examined.findings, examined.examples
    revision = examined.accepted.revision if examined.accepted else None
    classes = examples.classes if examples else ()
    return ProfileReport(
        revision=revision,
        examples=examined.count,
        classes=classes[:MOST_CLASSES],
        class_count=len(classes),
        problems=findings.problems(),
        profile_uri=join(order.destination, revision or REFUSED, PROFILE),
    )


def _profile(examined: Examined, report: ProfileReport, manifest: Manifest | None) -> bytes:
    """Everything that is known, for a person to read: every name of every problem, quick scores, and the manifest."""
    whole: dict[str, Any] = {
        "examples": report.examples,
        "classCount": report.class_count,
        "classes": examined.examples.classes if examined.examples else [],
        "problems": [
            {**each.problem().model_dump(mode="json"), "names": each.names} for each in examined.findings.all()
        ],
    }
    if manifest is not None:
        quick = quick_scores(manifest.task, manifest.meta_features)
        if quick:
            whole["quickScores"] = {"cpuSeconds": examined.order.landmark_seconds, "scores": quick}
        whole["manifest"] = json.loads(manifest.to_json())
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()
