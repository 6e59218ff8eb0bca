"""What the conclude step makes of the best trial: hold-out scores, plots, model card, warm-up requests."""
