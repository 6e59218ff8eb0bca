"""The revisions that the tests of trainers have, for the tests of commands."""

from unit.trainers.conftest import make_revision, source_of, store, table_file, table_revision

__all__ = ["make_revision", "source_of", "store", "table_file", "table_revision"]
