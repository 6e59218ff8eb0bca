"""Family `tabular-residual`: residual layers on scaled numbers and embedded categories."""
