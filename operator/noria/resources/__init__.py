"""Builders of children: pure functions from an object to typed models of the Kubernetes client."""
