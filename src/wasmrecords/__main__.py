"""``python -m wasmrecords``: the same as the command ``wasmrecords``."""

import sys

try:
    from .cli import main

    status = main()
except KeyboardInterrupt:  # before there is anybody who would say so
    status = 130
sys.exit(status)
