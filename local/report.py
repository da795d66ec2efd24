"""Show where the trace's money went, proved against the trace to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console  # noqa: TC002 - like every import here, for real
from rich.table import Table

from local.api import Api
from local.books import Books, Named, Sums, add, differences, read
from local.replay import RUNAWAY_TENANT, Runaway
from local.settings import REGION, ROOT_KEY, ROOT_SECRET
from local.trace import Call, usd

CURL = (
    f'curl -sS --noproxy "*" --aws-sigv4 "aws:amz:{REGION}:execute-api" '
    f"--user {ROOT_KEY}:{ROOT_SECRET}"
)
TITLES = {"agents": "Agents", "models": "Models", "days": "Days"}


class ReportError(Exception):
    """The API's sums are not the trace's; the message lists where."""


def report(api: Api, calls: Sequence[Call], console: Console) -> Books:
    """Print the tables and prove them. Raises ReportError where a digit differs."""
    books = read(api, sorted({call.tenant for call in calls}))
    console.print(_table("Tenants", books.tenants, books.system))
    for kind, title in TITLES.items():
        console.print(_table(title, books.breakdowns[kind], books.system))
    wrong = differences(books, calls)
    if wrong:
        raise ReportError(
            "the books differ from the trace:\n  " + "\n  ".join(wrong) + "\n"
            "Has something else been booked on the trace's tenants? `make clean up` starts afresh."
        )
    whole = add(books.tenants.values())
    console.print(
        f"[bold green]Exact:[/] by tenant, by agent, by model, by day and for the system: "
        f"[bold]{shown(whole.spent_usd)} USD[/] for the trace's {len(calls):,} calls,\n"
        f"{whole.input_tokens:,} context tokens at 2.50 and {whole.output_tokens:,} generated "
        "tokens at 10 USD a million.",
        soft_wrap=True,
    )
    if books.others.entries:
        spent = shown(books.others.spent_usd)
        console.print(f"Other tenants have spent {spent} USD beside it.", soft_wrap=True)
    return books


def shown(amount: Decimal) -> str:
    """An amount to the last digit that says something."""
    return usd(amount.normalize())


def _table(title: str, named: Named, whole: Sums) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_footer=True)
    totals = add(named.values())
    table.add_column("", "all")
    table.add_column("spent USD", shown(totals.spent_usd), justify="right")
    table.add_column("share", "", justify="right")
    table.add_column("tokens", f"{totals.tokens:,}", justify="right")
    table.add_column("calls", f"{totals.entries:,}", justify="right")
    for name, sums in sorted(named.items(), key=lambda item: -item[1].spent_usd):
        share = 100 * sums.spent_usd / whole.spent_usd if whole.spent_usd else 0
        cells = shown(sums.spent_usd), f"{share:.1f} %", f"{sums.tokens:,}", f"{sums.entries:,}"
        table.add_row(name, *cells)
    return table


def runaway_lines(runaway: Runaway) -> str:
    """What happened to the looping agent, in words."""
    return (
        f"[bold]A looping agent[/] of {RUNAWAY_TENANT} asked for 1 USD again and again: "
        f"{runaway.allowed} times allowed, then [bold red]{runaway.action}[/] "
        f"({runaway.reason_code}).\n  {runaway.reason}\n"
        "  It only held money and gave it back, so it adds nothing to the sums above."
    )


def examples(api_url: str) -> str:
    """Three commands that work as they stand."""
    json = "-H 'content-type: application/json'"
    labels = '"agent_execution_id": "try-1", "agent": "me", "model": "gpt-4o"'
    check = f'{{{labels}, "estimated_cost_usd": "11"}}'
    cost = f'{{{labels}, "entry_id": "try-1-a", "cost_usd": "0.000075"}}'
    usage = f"{CURL} \\\n  '{api_url}/system/usage'"
    asked = f"{CURL} {json} \\\n  -d '{check}' \\\n  '{api_url}/tenants/try/checks'"
    booked = f"{CURL} {json} \\\n  -d '{cost}' \\\n  '{api_url}/tenants/try/costs'"
    return (
        f"# What has the system spent this month?\n{usage}\n\n"
        f"# May an agent spend 11 USD? (No: 10 is the most for one execution.)\n{asked}\n\n"
        f"# Record a cost; twice is still once.\n{booked}"
    )
