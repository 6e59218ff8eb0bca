"""Several processes on the same ports: `supervisor` keeps them alive, `siblings` lets any of them answer for all."""
