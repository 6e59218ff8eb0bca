"""Meta-learning: which configurations to train on a dataset, given what others scored on other datasets.

Pure: `evidence` takes results in, `choose` answers. Between them `completion` fills in what was never trained, with the
help of `kinship`; `similarity` weighs the known datasets, `pick` builds the set. `landmarker_search` finds the quick
scores that place a dataset, `duration` expects seconds. `chooser` makes a Chooser of it.
"""
