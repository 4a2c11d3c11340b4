"""Sets the tiers of a command that a test starts: Python runs this file first. See ``tiers.py``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

from tiers import set_tiers

set_tiers(os.environ["TIERS_OF_TESTS"])
