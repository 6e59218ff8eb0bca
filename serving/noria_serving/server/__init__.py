"""A model server with TensorFlow Serving's interface: flags, files, REST, gRPC, metrics.

`run` wires the parts; each part is one module: flags and config say what to serve, catalog keeps versions loaded,
servable runs a model, inference answers requests, rest and rpc carry them.
"""
