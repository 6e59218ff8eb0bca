"""Problems that a profile run finds in examples, in words. docs/troubleshooting.md is made of them.

The findings' own messages name the files, rows, columns or classes, and say what to do about these.
"""

from typing import NamedTuple


class Known(NamedTuple):
    """Reasons that mean the same, for people."""

    reasons: tuple[str, ...]
    severity: str
    """Error or warning, and when which."""
    cure: str
    """What it is and what to do, as Markdown on a page in docs/."""


PROBLEMS = (
    Known(("NoExamples",), "error", "there is nothing readable and labelled: upload examples, or correct the URI"),
    Known(("OneClass", "ConstantTarget"), "error", "add examples of another class, other values"),
    Known(
        ("TooFewExamples",),
        "error",
        "fewer than `checks.minExamplesPerClass` (10): add examples or merge classes",
    ),
    Known(
        ("TooFewPerSplit",),
        "error",
        "a class has enough examples, but too few that differ, too few groups, none late enough, or [known "
        "ones](data.md#splits-that-stay) elsewhere",
    ),
    Known(
        ("TooManyClasses",),
        "error",
        "the target is a number or a text: use `TabularRegression`, or name another column",
    ),
    Known(
        ("TargetMissing", "ColumnMissing", "NoText", "ReservedColumn", "TwoColumns"),
        "error",
        "correct `target` or `columns`; the message lists the columns",
    ),
    Known(
        ("SkewedClasses",),
        "warning",
        "one class has nine of ten examples: set one of the metrics that are named in the TrainingJob",
    ),
    Known(("NotBinary",), "error", "clicks are 0 or 1"),
    Known(
        ("NoHeader",),
        "error",
        "the first line of a CSV file looks like an example: add one with the columns' names",
    ),
    Known(
        ("TargetUnread",),
        "error",
        "over 1 % of the values to predict look like numbers but cannot be read: write them as numbers",
    ),
    Known(("NoFeatures",), "error", "no column except the target can be used as a feature"),
    Known(
        ("SeveralDatasets",),
        "error",
        "each folder holds `train` and `test` of its own: name those of one dataset in `source.uri` and `holdout.uri`",
    ),
    Known(
        ("LabelTable",),
        "error, or warning for some rows",
        "a CSV names the images, but not one class for each, or several CSVs do: make it one, of a file and a label",
    ),
    Known(
        ("NamesAsClasses",),
        "warning",
        "the classes are what files' names begin or end with (`cat.0.jpg`, `cat_001.jpg`): put images into "
        "folders if these are none",
    ),
    Known(("Annotations",), "error", "files of an annotation tool give images no class: export a folder per class"),
    Known(
        ("SplitFolders",),
        "error",
        "the folders are `train`, `test`, `training_set`, …: name the first in `source.uri`, the second in "
        "`holdout.uri`",
    ),
    Known(
        ("Unreadable", "Empty", "TargetNotNumeric", "TimeMissing", "GroupMissing"),
        "error if they are more than `checks.maxUnreadableFraction` (0.1) together, else warning",
        "correct or remove the files or rows; a few are left out",
    ),
    Known(
        ("Converted",),
        "warning",
        "images of a format that models do not decode (WebP, TIFF, BMP with a palette) were stored as PNG; "
        "send a served model JPEG or PNG",
    ),
    Known(
        (
            "Unlabelled",
            "NoClass",
            "OtherFiles",
            "OtherTables",
            "OtherColumns",
            "UnusableColumns",
            "NamelessColumn",
            "TitleLines",
        ),
        "warning",
        "left out",
    ),
    Known(
        ("EmptyFolders", "OutsideNames", "Links"),
        "warning",
        "folders without examples, members of an archive whose names lead out of it, links in an archive or "
        "leading out of a folder: left out",
    ),
    Known(
        ("SameFolders",),
        "warning",
        "each class holds the same folders: if these are the classes, make them the outer folders",
    ),
    Known(
        ("ConstantColumns", "IdentifierColumns"),
        "warning",
        "left out of the features; declare a type to keep an identifier",
    ),
    Known(
        ("OtherEncoding", "RowNames", "QuoteMarks", "StrayQuotes", "EscapedQuotes"),
        "warning",
        "read in the way that is said; correct the file, or pack the zip again, if it is wrong",
    ),
    Known(
        ("NotNumeric", "NotDates"),
        "warning",
        "a few values, or up to four words for gaps such as `unknown`, in a column of numbers or dates count "
        "as missing; with more such words it is not taken for numbers",
    ),
    Known(
        ("UnreadQuantities",),
        "warning",
        "quantities in several units, of several numbers or of none for sure (`5'11\"`, `120/80`, `10-20`, "
        "`<5`, `5 ± 0.1`, `1½`, `12 days 13:00:00`, `0x1f`) are not read as numbers: write one a cell, all in "
        "one unit",
    ),
    Known(
        ("MixedUnits",),
        "warning",
        "numbers of one column have several currencies, or some a percent sign, which is left out: convert all to one",
    ),
    Known(
        ("UnreadDates",),
        "warning",
        "dates in an order or language that is not read, days of a year (`2024-123`), times such as `0830Z`: "
        "write them as `2024-10-23`, times as `14:05`",
    ),
    Known(
        ("AmbiguousNumbers", "AmbiguousDates"),
        "warning",
        "a mark may separate thousands or decimals, a day may be the month, a number a time or a date "
        "(`23102024`, `202410`, `2024123`, `0830`): write the value otherwise, or declare its type",
    ),
    Known(
        ("TargetLeakage",),
        "warning",
        "a column alone foretells the target: declare it `Ignore` if it is known only after the outcome",
    ),
    Known(
        ("StrongFeature",),
        "warning",
        "a column alone would spare over 90 % of the errors, which may be a leak with some noise: make sure "
        "that it is known before",
    ),
    Known(
        ("SimilarClasses",),
        "warning",
        "class names that differ in case, spaces, width, quotes, a point at the end, accents' encoding, "
        "look-alike letters, one letter of a long word, or as `1` and `1.0`, `yes` and `1`: give them one "
        "name",
    ),
    Known(
        ("GapClasses", "GapNumbers"),
        "warning",
        "a class such as `NA` or `?`, a number such as `9999` far from all others: empty these cells if that "
        "means no value",
    ),
    Known(
        ("Garbled",),
        "warning",
        "letters were lost (`�`) or garbled (`Ã¶` for `ö`) before: export the file again, as UTF-8",
    ),
    Known(
        ("SimilarColumns",),
        "warning",
        "column names that look the same but differ in accents' encoding or what is not seen: give them one "
        "name, or others",
    ),
    Known(
        ("SeveralLabels",),
        "warning",
        "classes such as `red;green` beside `red`: each combination is a class of its own",
    ),
    Known(
        ("DuplicatesDivided",),
        "warning",
        "rows have few combinations of values, so equal ones are in different splits; the score holds for "
        "these combinations",
    ),
    Known(
        ("NoHoldout", "HoldoutFormat", "HoldoutColumn"),
        "error",
        "correct `holdout`: the message says what was found",
    ),
    Known(
        ("HoldoutColumns",),
        "warning, or error if no feature is shared",
        "the given hold-out has other columns than the source: those it lacks are empty, further ones are not used",
    ),
    Known(
        ("HeldOutAfterTraining",),
        "warning",
        "the given hold-out has examples that trained or validated earlier models; comparisons of models "
        "leave them out",
    ),
    Known(
        ("SplitsKept",),
        "warning",
        "known examples [stay in their splits](data.md#splits-that-stay), so one has too few of a class or is "
        "far from its share: add examples",
    ),
    Known(("SplitsStartOver",), "warning", "no example could stay in its split, for the reason that is said"),
    Known(("AlsoInHoldout",), "warning", "examples that the given hold-out has as well; only it keeps them"),
    Known(
        ("GroupsInHoldout",),
        "warning",
        "the given hold-out divides groups of the `Group` column, which inflates the score: hold out whole groups",
    ),
    Known(
        ("ClassesNotHeldOut",),
        "warning",
        "the given hold-out lacks classes, so the score says nothing about them",
    ),
    Known(
        ("Duplicate", "ConflictingLabels", "DuplicateAcrossSplits"),
        "warning",
        "equal examples; across splits (only with `Group` or `Time`) they inflate the score",
    ),
)
"""Errors and warnings; what is like is together."""
