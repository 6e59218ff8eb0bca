"""The operator's machinery: queue, cache, API access, executor, leadership, metrics, settings. No kind's rules."""
