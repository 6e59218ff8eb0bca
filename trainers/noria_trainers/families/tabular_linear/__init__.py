"""Family `tabular-linear`: logistic or ridge regression on scaled numbers and one-hot categories."""
