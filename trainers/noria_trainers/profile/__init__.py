"""What is known of a dataset before anything is trained: counts, problems with their cure, meta-features."""
