"""Writes the image of one static program as an OCI archive for containerd. Called by build.sh."""

import argparse
import hashlib
import io
import json
import tarfile
from pathlib import Path

OCI = "application/vnd.oci.image"


def packed(files: dict[str, bytes], *, mode: int) -> bytes:
    """A tar of the files; the same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def archive(program: Path, tag: str) -> bytes:
    """The archive of an image that runs the program as nobody and holds nothing else."""
    blobs: dict[str, bytes] = {}

    def blob(media: str, data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"mediaType": f"{OCI}.{media}", "digest": f"sha256:{digest}", "size": len(data)}

    layer = blob("layer.v1.tar", packed({program.name: program.read_bytes()}, mode=0o755))
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": [f"/{program.name}"], "User": "65534"},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": blob("config.v1+json", json.dumps(config).encode()),
        "layers": [layer],
    }
    entry = blob("manifest.v1+json", json.dumps(manifest).encode())
    entry["annotations"] = {"io.containerd.image.name": tag, "org.opencontainers.image.ref.name": tag}
    index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [entry]}
    layout = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index).encode()}
    return packed(layout | blobs, mode=0o644)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("tag")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    args.out.write_bytes(archive(args.program, args.tag))


if __name__ == "__main__":
    main()
