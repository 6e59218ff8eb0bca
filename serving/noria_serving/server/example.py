"""tf.Examples of a request as the string tensor that models parse. For `classification`, `regression`.

Source: InputToSerializedExampleTensor in tensorflow_serving/servables/tensorflow/util.cc.
"""

import numpy as np
from tensorflow_serving.apis.input_pb2 import Input

from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.status import invalid_argument


def serialized_examples(request: Input) -> Array:
    """One serialized Example per element; a shared context comes first in each. Raises ServingError for none."""
    context = b""
    examples = request.example_list.examples
    if request.WhichOneof("kind") == "example_list_with_context":
        context = request.example_list_with_context.context.SerializeToString()
        examples = request.example_list_with_context.examples
    if not examples:
        raise invalid_argument("Input is empty.")
    values = np.empty(len(examples), object)
    values[:] = [context + example.SerializeToString() for example in examples]
    return values
