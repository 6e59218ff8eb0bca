"""Experience that comes with Noria: results on public data, so that the first choice is a learned one already.

`TASK.parquet` beside this file holds a task's results, as `experience.parquet` writes them. Used by `steps.choose`.

`TabularClassification.parquet` is the table of Oboe (github.com/udellgroup/oboe, BSD 3-Clause, LICENSE-oboe.txt here;
Yang, Akimoto, Kim, Udell: OBOE: Collaborative Filtering for AutoML Model Selection, KDD 2019): errors and run times of
scikit-learn's configurations on 418 datasets of OpenML. `make seed` makes it; `experience.oboe` says what its columns
mean.
"""

from importlib.resources import files

from noria.contract import Task
from noria_trainers.experience import parquet
from noria_trainers.experience.result import Result


def results(task: Task) -> dict[str, Result]:
    """A task's shipped results by their keys; none where nothing is shipped."""
    place = files(__name__) / f"{task}.parquet"
    return parquet.unpack(place.read_bytes()) if place.is_file() else {}
