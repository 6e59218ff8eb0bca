"""docs/troubleshooting.md: what each reason means and what to do, as `noria why` says it. Used by `generate`."""

from collections.abc import Iterable, Mapping

from noria.contract import FailureKind
from noria_cli.reason import ANY, DATASET, MODEL, PROMOTION, PROOF, TRAINING_JOB, Reason
from noria_trainers.profile.problem import PROBLEMS

HEAD = """# Troubleshooting

`noria why KIND/NAME` says the same of one object, beside its own messages. `noria doctor` looks at
the cluster, the operator, the bucket and images. Reasons stand in the order in which you meet them; `noria status` and
`kubectl get` show an object's in the column REASON. What needs nothing done goes on by itself.

The condition `Chosen` of a TrainingJob has the strategy of the choice for a reason, see
[the kinds](api.md#trainingjob-status).
"""
REASONS_HEAD = "| reason | what it means | what to do |\n|---|---|---|\n"
NAMES = {"name": "NAME", "version": "VERSION", "job": "TRAININGJOB", "dataset": "DATASET"}
"""What stands for the names in cures."""


def troubleshooting_page() -> str:
    """The whole page."""
    return HEAD + "".join(
        (
            _reasons("All kinds", "", ANY),
            _reasons("Dataset", "", DATASET),
            _problems(),
            _reasons("TrainingJob", "", TRAINING_JOB),
            _failures(),
            _reasons("Model", "", MODEL),
            _reasons(
                "Candidates of a Model",
                "Reasons of `status.candidate` and of the verdicts in `status.versions`, and what people decided. "
                "[Promotion](promotion.md) has the rule.",
                {**PROMOTION, **PROOF},
            ),
        )
    )


def _reasons(title: str, text: str, reasons: Mapping[str, Reason]) -> str:
    rows = ((f"`{key}`", found.meaning, found.cure.format_map(NAMES) or "nothing") for key, found in reasons.items())
    return _section(title, text, REASONS_HEAD, rows)


def _problems() -> str:
    text = (
        "Reasons in `status.problems` of a Dataset; the messages name the files, rows, columns or classes. An error "
        "refuses the Dataset, a warning does not."
    )
    head = "| reason | severity | what it means, and what to do |\n|---|---|---|\n"
    rows = ((", ".join(f"`{reason}`" for reason in each.reasons), each.severity, each.cure) for each in PROBLEMS)
    return _section("Problems of the examples", text, head, rows)


def _failures() -> str:
    text = "Reasons in `status.trials[].failure` of a TrainingJob. A failed trial does not fail the TrainingJob."
    rows = ((f"`{kind}`", *kind.ending.rstrip(")").split(" (")) for kind in FailureKind)
    return _section("Failed trials", text, REASONS_HEAD.replace("what it means", "such trials"), rows)


def _section(title: str, text: str, head: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"\n## {title}\n\n" + (f"{text}\n\n" if text else "") + head + lines
