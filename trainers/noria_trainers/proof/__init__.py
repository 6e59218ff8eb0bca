"""Whether a candidate may replace the served version: examples, gains with their bounds, the rule, and what is kept."""
