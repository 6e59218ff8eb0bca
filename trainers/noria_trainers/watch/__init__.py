"""How a version serves, by the counters of the pods that serve. Needs no TensorFlow."""
