"""What to do next for one object, decided from what was seen and nothing else: no I/O, no clock, no environment.

`noria.controllers` gathers what a decision needs (`seen`), calls `decide_dataset`, `decide_training_job` or
`decide_model`, and executes the `Decision`.
"""
