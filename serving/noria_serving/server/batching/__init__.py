"""Batching across requests: its `parameters`, the `batcher` that gathers requests, and the `tensor` rows in between."""
