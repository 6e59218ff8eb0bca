"""From a source of labelled examples to an immutable revision, and from a revision to examples."""
