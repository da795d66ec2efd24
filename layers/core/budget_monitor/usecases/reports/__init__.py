"""Usage, breakdowns, ledger and single runs."""
