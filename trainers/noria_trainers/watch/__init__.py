"""How a version serves, by the counters of the pods that serve. Used by `steps.watch`; needs no TensorFlow."""
