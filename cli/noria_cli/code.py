"""Exit codes of commands beside those of steps."""

NOT_READY = 1
"""What was asked for has failed, is not ready, or has faults."""
