"""Write the FOCUS rows of the tests' entries to a file, for `make focus`."""

from __future__ import annotations

import sys
from pathlib import Path

from budget_monitor.usecases.exports.cells import to_csv
from budget_monitor.usecases.exports.focus_columns import FOCUS_COLUMNS, focus_row
from tests.behaviour.exports.test_focus_columns import ENTRIES, OCTOBER

if __name__ == "__main__":
    rows = [focus_row(one, OCTOBER) for one in ENTRIES]
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(to_csv(FOCUS_COLUMNS, rows), newline="")
