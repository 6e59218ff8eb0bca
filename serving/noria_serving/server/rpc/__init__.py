"""The gRPC side: TensorFlow Serving's services on a listener."""
