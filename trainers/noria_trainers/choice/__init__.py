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
from noria_trainers.choice.winners import WithWinners

__all__ = ["CHOOSERS", "Chooser", "Question"]

_PORTFOLIO = Portfolio(PORTFOLIOS, MEASURED_ON)
CHOOSERS: Mapping[Strategy, Chooser] = {
    Strategy.META_LEARNED: WithWinners(Learned(_PORTFOLIO)),
    Strategy.PORTFOLIO: WithWinners(_PORTFOLIO),
    Strategy.RANDOM: WithWinners(Random()),
    Strategy.EXPLICIT: Explicit(),
}
