"""``python -m wasmrecords``: the same as the command ``wasmrecords``."""

import sys

from .cli import main

sys.exit(main())
