"""The REST side: an HTTP/1.1 listener (`http`, `message`) and the interface of TensorFlow Serving on it (`api`)."""
