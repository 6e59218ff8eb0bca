"""Family `tabular-mlp`: layers of equal width on scaled numbers and embedded categories."""
