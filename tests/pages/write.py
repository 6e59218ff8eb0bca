"""Writes cards as pages into a folder: one of each task, and one whose every name is markup. For `look.py`."""

import sys
from pathlib import Path

from noria.contract import Task
from noria_trainers.conclusion.curves import learning_curves
from noria_trainers.conclusion.outline import document
from noria_trainers.conclusion.page import page
from unit.trainers.test_page import card_of, evil

if __name__ == "__main__":
    png = learning_curves({"trial-1": [0.5, 0.8], "trial-2": [0.6]}, metric="score", best="trial-1")
    cards = {task.value: card_of(task) for task in Task} | {"Names": evil()}
    for name, card in cards.items():
        pictures = {"learned": card.learned._replace(png=png)}
        text = page(document(type(card)(**{**vars(card), **pictures})))
        Path(sys.argv[1], f"{name}.html").write_text(text)
