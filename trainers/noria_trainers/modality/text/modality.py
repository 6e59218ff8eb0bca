"""Texts as examples. Looked up in `modality.modality`."""

from pathlib import Path

from noria.contract import Format
from noria_trainers.data.format import ROWS
from noria_trainers.data.manifest import SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.example_name import BY_PLACE
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.modality.record import RecordSplit
from noria_trainers.modality.text.gibberish import made_up
from noria_trainers.modality.text.name import FEATURE
from noria_trainers.modality.text.reading import from_files, from_rows
from noria_trainers.modality.text.text_file import TEXT_FILE
from noria_trainers.profile.finding import Findings


class TextModality:
    """Texts."""

    formats = (Format.IMAGE_FOLDER, *ROWS)
    suffixes = TEXT_FILE.suffixes
    pads_empty_batches = True
    refusal = ""
    example_names = BY_PLACE

    def gather(self, source: FoundSource, findings: Findings) -> Gathered | None:
        """All texts that are not empty."""
        if source.format is Format.IMAGE_FOLDER:
            return from_files(source, findings)
        return from_rows(source, findings)

    def split(self, revision: Revision, name: SplitName, scratch: Path) -> RecordSplit:
        """Texts from TFRecord files."""
        return RecordSplit(revision, name, scratch, FEATURE)

    def made_up(self, revision: Revision, scratch: Path) -> MadeUp:
        """Words of no language, as many as texts usually have."""
        return made_up(revision.manifest)
