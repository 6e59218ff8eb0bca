"""The steps from labelled examples to a model: profile, choose, train, conclude. Started as `noria-trainer STEP`."""
