"""Texts of made-up words, as long as those of a revision. For `made_up`."""

from random import Random

import numpy as np

from noria_trainers.data.manifest import Manifest
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.modality.text.name import FEATURE

SHOWN = "a few words to classify"
_TEXTS = 8
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_WORDS, _CHARACTERS = 20, 120
"""Of a text, where the revision does not say."""


def made_up(manifest: Manifest) -> MadeUp:
    """Some texts with the median number of words and characters."""
    known = manifest.meta_features
    words = max(1, round(known.get("textWordsMedian", _WORDS)))
    letters = known.get("textCharactersMedian", _CHARACTERS) / words - 1
    syllables = max(1, round(letters / 2))
    draw = Random(0)
    texts = [" ".join(_word(draw, syllables) for _ in range(words)) for _ in range(_TEXTS)]
    encoded = np.asarray([text.encode() for text in texts], object)
    return MadeUp(inputs={FEATURE.served: encoded}, instance=SHOWN, note="a text is one string in UTF-8")


def _word(draw: Random, syllables: int) -> str:
    return "".join(draw.choice(_CONSONANTS) + draw.choice(_VOWELS) for _ in range(syllables))
