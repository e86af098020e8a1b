"""The same networks in PyTorch: same file names, same names inside, the same trace."""
