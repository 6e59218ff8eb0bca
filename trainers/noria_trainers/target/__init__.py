"""What is asked of an example: a class, a value, a click. One module each; `target.py` has their interface.

Nothing here imports TensorFlow or matplotlib before it is needed: profiles read labels by these modules too.
"""
