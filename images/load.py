"""Loads an image into the local cluster's containerd, sending only the layers that it lacks. Called by build.sh."""

import argparse
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

Descriptor = dict[str, Any]  # of the OCI image specification


def path(layout: Path, descriptor: Descriptor) -> Path:
    """Where a layout keeps a blob."""
    return layout / "blobs" / str(descriptor["digest"]).replace(":", "/")


def blobs(layout: Path, entry: Descriptor) -> list[Descriptor]:
    """All blobs of an image in the layout's index."""
    manifest = json.loads(path(layout, entry).read_text())
    return [entry, manifest["config"], *manifest["layers"]]


def prune(layout: Path, index: Descriptor) -> None:
    """Removes the blobs that belong to no image of the index."""
    kept = {path(layout, blob) for entry in index["manifests"] for blob in blobs(layout, entry)}
    for file in (layout / "blobs").glob("*/*"):
        if file not in kept:
            file.unlink()


def load(layout: Path, entry: Descriptor, name: str, ctr: list[str]) -> int:
    """Imports the image under this name, and returns how many bytes were sent."""
    have = set(subprocess.run([*ctr, "content", "ls", "-q"], check=True, capture_output=True, text=True).stdout.split())
    missing = [blob for blob in blobs(layout, entry) if blob["digest"] not in have]
    index = {"schemaVersion": 2, "manifests": [entry | {"annotations": {"io.containerd.image.name": name}}]}
    with subprocess.Popen(
        [*ctr, "images", "import", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as importer:
        assert importer.stdin
        with tarfile.open(fileobj=importer.stdin, mode="w|") as tar:
            tar.add(layout / "oci-layout", "oci-layout")
            for blob in missing:
                file = path(layout, blob)
                tar.add(file, str(file.relative_to(layout)))
            add_text(tar, "index.json", json.dumps(index))
    if importer.returncode:
        raise SystemExit(f"could not import {name}")
    return sum(blob["size"] for blob in missing)


def add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    """Adds a file to the archive."""
    info = tarfile.TarInfo(name)
    info.size = len(text.encode())
    tar.addfile(info, io.BytesIO(text.encode()))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layout", type=Path, help="a folder in OCI image layout")
    parser.add_argument("name", help="the image's name, in it and in the cluster")
    parser.add_argument("ctr", nargs="+", help="containerd's client")
    args = parser.parse_args()
    index = json.loads((args.layout / "index.json").read_text())
    entry = next(
        each
        for each in index["manifests"]
        if each.get("annotations", {}).get("org.opencontainers.image.ref.name") == args.name
    )
    prune(args.layout, index)
    print(f"{load(args.layout, entry, args.name, args.ctr) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
