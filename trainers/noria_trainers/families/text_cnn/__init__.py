"""Family `text-cnn`: word embeddings, convolutions of several widths, the maximum of each (Kim, arXiv:1408.5882)."""
