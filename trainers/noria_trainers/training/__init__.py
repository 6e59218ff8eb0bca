"""Fitting a network: examples, objective, loop, checkpoint."""
