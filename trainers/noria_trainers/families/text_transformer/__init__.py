"""Family `text-transformer`: a small Transformer encoder with learned positions (Vaswani et al., arXiv:1706.03762)."""
