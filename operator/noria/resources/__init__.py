"""Builders of children: pure functions from an object to typed models of the Kubernetes client.

Called by `noria.decisions`; `noria.runtime` makes bodies of the models with `manifest`.
"""
