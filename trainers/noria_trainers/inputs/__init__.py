"""From what users have (encoded images, strings, raw columns) to what networks take, in TensorFlow's own operations.

The same code prepares training examples and, inside the SavedModel, requests: no skew. Networks never see a string.
"""
