"""The operator's machinery: queue, cache, API access, executor, leadership, metrics and settings. Knows no kind's rules."""
