"""Deep learning to look inside: networks from scratch in NumPy and the same in PyTorch."""

__version__ = "0.1.0"
