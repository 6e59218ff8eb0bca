"""Fitting a network: examples, objective, loop, checkpoint. Called by `steps.train`."""
