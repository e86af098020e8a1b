"""What each instrument shows, wherever it is shown: see tests/hosts.py."""
