"""A model in words. Used by `model` and `async_model`."""

from noria_client.metadata import Metadata
from noria_client.question import Question, Verb


def described(metadata: Metadata, question: Question) -> str:
    """What it takes and answers, and how to ask it."""
    lines = [
        f"{metadata.name}, version {metadata.version}",
        f"takes {question.example}",
        f"answers {_answer(question)}",
        f"asked by {question.verb}, signature {question.signature}",
    ]
    return "\n".join(lines)


def _answer(question: Question) -> str:
    names = {each.name for each in question.outputs}
    if question.verb is Verb.REGRESS or names == {"outputs"}:
        return "a number"
    if question.is_click:
        return "the probability of a click"
    if question.verb is Verb.CLASSIFY or "scores" in names:
        return "a class, and a score for each class by predict_proba"
    return ", ".join(str(each) for each in question.outputs)
