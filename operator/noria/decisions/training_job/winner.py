"""What won the last run: candidates of the next run's choice. Used by `begin`."""

from noria.contract import Winner
from noria.decisions.training_job.situation import Situation
from noria.resources.run_job import stored_choice

MOST_WINNERS = 2


def winners(at: Situation) -> tuple[Winner, ...]:
    """The best trial's configuration, then that of its ensemble's heaviest other member.

    After a run without success, and in one that is given up, what won before it stays the candidate.
    """
    run, best = at.status.run, at.status.best
    if run is None or best is None or best.run != run.number:
        return run.previous if run else ()
    members = sorted(best.ensemble or (), key=lambda member: -member.weight)
    names = list(dict.fromkeys((best.trial, *(member.trial for member in members))))[:MOST_WINNERS]
    trials = {trial.name: trial for trial in at.status.trials}
    return tuple(
        Winner(configuration=trials[name].configuration, choice=stored_choice(at.job, trials[name]))
        for name in names
        if name in trials
    )
