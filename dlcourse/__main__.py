"""`python -m dlcourse` is the `dlcourse` command."""

import sys

from dlcourse.cli.main import main

sys.exit(main())
