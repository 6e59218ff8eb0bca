"""Tensors in and out of messages: protobuf (`tensor_proto`) and JSON (`json_input`, `json_output`, `json_number`)."""
