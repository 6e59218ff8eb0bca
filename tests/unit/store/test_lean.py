"""What a program of ours imports with TensorFlow."""

import os
import subprocess
import sys

WITHOUT = """
import sys
from noria_store import lean
lean.tensorflow(TF_CPP_MIN_LOG_LEVEL="3")
import tensorflow
print("keras.src" in sys.modules)
import keras
print(keras.Sequential([keras.layers.Dense(1)])(tensorflow.ones([2, 3])).shape)
"""


def test_tensorflow_comes_without_keras_which_works_when_it_is_asked_for() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=environment, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["False", "(2, 1)"], done.stderr
