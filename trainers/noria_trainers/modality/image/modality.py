"""Images as examples. Looked up in `modality.modality`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria.contract import Format
from noria_trainers.data.manifest import ImageShape, SplitName, TableColumn
from noria_trainers.data.revision import Revision
from noria_trainers.modality import class_file
from noria_trainers.modality.class_file import ClassFiles
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.example_name import BY_DIGEST
from noria_trainers.modality.image.description import ImageFacts, meta_features, typical
from noria_trainers.modality.image.made_up import SEEN, made_up
from noria_trainers.modality.image.name import FEATURE
from noria_trainers.modality.image.reading import IMAGE_FILE
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.modality.record import Records, RecordSplit
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, listed


@dataclass(frozen=True)
class ImageContent:
    """Encoded images on disk, and what is known of each. `chosen` [k] are indices of examples."""

    records: Records
    facts: list[ImageFacts]

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """None."""
        return ()

    def meta_features(self, chosen: NDArray[np.int64]) -> dict[str, float]:
        """Sizes, colour and light of the chosen images."""
        return meta_features([self.facts[i] for i in chosen])

    def image(self, chosen: NDArray[np.int64]) -> ImageShape:
        """What the chosen images are like."""
        return typical([self.facts[i] for i in chosen])

    def rows(self, chosen: NDArray[np.int64]) -> None:
        """None: images are not rows."""
        return

    def shards(self, name: str, chosen: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """TFRecord files of the chosen images."""
        return self.records.shards(name, chosen, folder)


class ImageModality:
    """Images."""

    formats = (Format.IMAGE_FOLDER,)
    suffixes = (*IMAGE_FILE.suffixes, *IMAGE_FILE.refused)
    pads_empty_batches = True
    refusal = "cannot be decoded: send JPEG, PNG, GIF or plain BMP, and convert WebP, TIFF, HEIC and BMP with a palette"
    example_names = BY_DIGEST

    def gather(self, source: FoundSource, findings: Findings) -> Gathered | None:
        """All images that can be decoded."""
        files = class_file.gather(source, IMAGE_FILE, findings)
        if files is None:
            return None
        _warn_of_converted(files, findings)
        return Gathered(files.examples, ImageContent(files.records, files.facts))

    def split(self, revision: Revision, name: SplitName, scratch: Path) -> RecordSplit:
        """Encoded images from TFRecord files."""
        return RecordSplit(revision, name, scratch, FEATURE)

    def made_up(self, revision: Revision, scratch: Path) -> MadeUp:
        """Smooth noise, in the formats and the size that images usually have."""
        first, _ = next(self.split(revision, "train", scratch).batches(SEEN))
        return made_up(revision.manifest, first[FEATURE.served].tolist())


def _warn_of_converted(files: ClassFiles[ImageFacts], findings: Findings) -> None:
    formats = {index: each.converted for index, each in enumerate(files.facts) if each.converted}
    if not formats:
        return
    names = [files.examples.name(index) for index in formats]
    kinds = ", ".join(sorted({str(name) for name in formats.values()}))
    message = f"{counted(len(names), 'image')} ({kinds}) converted to PNG for training: {listed(names, 3)}"
    findings.warning("Converted", f"{message}; a served model refuses such files: send it JPEG or PNG", names)
