"""Meta-learning: which configurations to train on a dataset, given what others scored on other datasets.

Pure ask and tell: `evidence` takes results in, `choose` answers. Between them `table` fills in what was never trained,
`likeness` weighs the known datasets, `pick` builds the set. `landmark` picks the quick scores that place a dataset.
"""

from noria_trainers.experience.meta.choose import Choice, Pick, Settings, choose
from noria_trainers.experience.meta.evidence import Evidence, Observation, landmarker

__all__ = ["Choice", "Evidence", "Observation", "Pick", "Settings", "choose", "landmarker"]
