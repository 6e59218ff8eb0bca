"""Ways to choose the configurations that are trained: one interface, `Chooser`, implemented for each Strategy."""

from collections.abc import Mapping

from noria.contract import Strategy
from noria_trainers.choice.chooser import Chooser
from noria_trainers.choice.committed import MEASURED_ON, PORTFOLIOS
from noria_trainers.choice.explicit import Explicit
from noria_trainers.choice.learned.chooser import Learned
from noria_trainers.choice.portfolio import Portfolio
from noria_trainers.choice.question import Question
from noria_trainers.choice.random import Random

__all__ = ["CHOOSERS", "Chooser", "Question"]

_PORTFOLIO = Portfolio(PORTFOLIOS, MEASURED_ON)
CHOOSERS: Mapping[Strategy, Chooser] = {
    Strategy.META_LEARNED: Learned(_PORTFOLIO),
    Strategy.PORTFOLIO: _PORTFOLIO,
    Strategy.RANDOM: Random(),
    Strategy.EXPLICIT: Explicit(),
}
