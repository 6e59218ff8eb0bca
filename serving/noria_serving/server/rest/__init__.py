"""The REST side: an HTTP/1.1 `listener` with its connections, and the interface of TensorFlow Serving on it (`api`)."""
