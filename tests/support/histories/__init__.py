"""Random histories of money, and the oracle that says how each must end.

gateway      delivers events to the handlers, under faults at numbered I/O steps
books        adds up the ledger and the open holds, and compares every stored account
oracle       what Budget Monitor promises, in plain dicts; imports no product code
budgets      the oracle's custom budgets; months: its calendar
scenes       corrections over a month's end, and budgets that are set, replaced and deleted
lags         indexes that lag behind, and what they need not have shown
simulator    makes histories from seeds, plays them, and compares at rest
crashes      the writes that tests/random_histories/test_crash_sweep.py breaks at every step
crowd        sixty-four callers at the same instant
soak         `python -m tests.support.histories.soak 10000`
"""

import sys
from pathlib import Path

# pytest adds the layer to the path; `python -m tests.support.histories.soak` does not.
CORE = str(Path(__file__).parents[3] / "layers" / "core")
if CORE not in sys.path:
    sys.path.append(CORE)
