"""The cluster of a kubeconfig: objects, logs, and ways to its Services and its bucket that need no kubectl."""
