"""Serving: the init container that fetches a model (`puller`) and the model server (`server`)."""
