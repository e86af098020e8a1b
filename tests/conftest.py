"""What more than one file of tests needs: a browser and a JupyterLab, started once."""

from tests.hosts import browser, lab

__all__ = ["browser", "lab"]
