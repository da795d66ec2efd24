"""The console script `budget-monitor`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what to install."""
    try:
        from budget_monitor_client.cli.app import app  # noqa: PLC0415 - the extra may be missing
    except ImportError as error:
        sys.exit(f"{error}. The command line needs: pip install 'budget-monitor[cli]'")
    app(prog_name="budget-monitor")


if __name__ == "__main__":
    main()
