"""Experience that comes with Noria: results on public data, so that the first choice is a learned one already.

Files of results by task, as `experience.pack` writes them.

* `TabularClassification.parquet` is the table of Oboe (github.com/udellgroup/oboe, BSD 3-Clause, LICENSE-oboe.txt here;
  Yang, Akimoto, Kim, Udell: OBOE: Collaborative Filtering for AutoML Model Selection, KDD 2019): errors and run times
  of scikit-learn's configurations on 418 datasets of OpenML. `make seed` makes it; `experience.oboe` says what its
  columns mean.
* `measured/TASK.parquet`, where it is there, is what our own trainers reached on data that packages ship: `make
  experience` makes it, and `measured/made.json` says of what, by which versions and on which machine.
* `measured/few/TASK.parquet` is the same of tasks with fewer than six unrelated datasets, too few to learn from: the
  order of these tasks' portfolios rests on it.
"""

from importlib.resources import files

from noria.contract import Task
from noria_trainers.experience.pack import from_parquet
from noria_trainers.experience.result import Result


def results(task: Task) -> dict[str, Result]:
    """A task's shipped results by their keys; none where nothing is shipped."""
    places = (files(__name__) / name for name in (f"{task}.parquet", f"measured/{task}.parquet"))
    found: dict[str, Result] = {}
    for place in places:
        if place.is_file():
            found |= from_parquet(place.read_bytes())
    return found
