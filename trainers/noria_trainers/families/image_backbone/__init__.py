"""Family `image-backbone`: a network of `keras.applications` with pretrained weights, fine-tuned."""
