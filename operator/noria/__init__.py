"""Noria's control plane: turns Datasets, TrainingJobs and Models into Jobs, Deployments and answers."""
