"""Family `tabular-sklearn`: estimators of scikit-learn, fitted at once and exported as plain TensorFlow graphs."""
