"""Random histories of money, and the oracle that computes their expected results.

gateway       delivers events to the handlers, with faults at numbered I/O steps
ledger_audit  compares every stored account with the sum of its entries and open holds
oracle        the expected behaviour in plain dicts, with custom budgets and calendar;
              imports no product code
scenes        corrections over a month's end; budgets that are set, replaced and deleted
lags          stale indexes, and the holds that they may have missed
simulator     plays histories on the product and the oracle, and compares them
crash_sweep   the writes that tests/random_histories/test_crash_sweep.py breaks at every step
many_callers  64 concurrent callers
soak          `python -m tests.support.histories.soak 10000`
"""

import sys
from pathlib import Path

# pytest adds the layer to the path; `python -m tests.support.histories.soak` does not.
CORE = str(Path(__file__).parents[3] / "layers" / "core")
if CORE not in sys.path:
    sys.path.append(CORE)
