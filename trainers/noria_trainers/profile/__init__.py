"""What is known about a dataset before training: counts, problems and how to solve them, meta-features."""
