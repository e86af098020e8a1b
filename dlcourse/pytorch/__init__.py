"""The same networks in PyTorch: same file names, same names inside, the same trace.

Each public class and function of the files here is also a name of the package: `pytorch.MLP`.
"""

from dlcourse.folder import public_names

__getattr__, __dir__ = public_names(__name__, __path__)
