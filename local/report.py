"""Show where money went: of the trace, compared with it to the last digit, or of any tenant."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console  # noqa: TC002 - annotations are imported at run time, as all are
from rich.table import Table

from local.api import Api
from local.replay import RUNAWAY_TENANT, Runaway
from local.settings import REGION, ROOT_KEY, ROOT_SECRET
from local.totals import Named, Sums, Totals, add, differences, read
from local.trace import Call, usd

CURL = (
    f'curl -sS --noproxy "*" --aws-sigv4 "aws:amz:{REGION}:execute-api" '
    f"--user {ROOT_KEY}:{ROOT_SECRET}"
)
TITLES = {"agents": "Agents", "models": "Models", "days": "Days"}


class ReportError(Exception):
    """There is nothing to show, or totals differ from the trace; the message says which."""


def report(api: Api, calls: Sequence[Call], console: Console) -> Totals:
    """Print the trace's tables and compare them with it.

    Raises ReportError if the trace was not replayed or a digit differs.
    """
    totals = read(api, sorted({call.tenant for call in calls}))
    if not totals.system.entries:
        raise ReportError("the trace is not replayed yet: `make up` replays it")
    console.print(_table("Tenants", totals.tenants, totals.system))
    _print_breakdowns(totals, totals.system, console)
    wrong = differences(totals, calls)
    if wrong:
        raise ReportError(
            "the totals differ from the trace:\n  " + "\n  ".join(wrong) + "\n"
            "Did something else book costs for the trace's tenants? `make clean up` starts over."
        )
    whole = add(totals.tenants.values())
    console.print(
        f"[bold green]Exact:[/] by tenant, by agent, by model, by day and for the system: "
        f"[bold]{shown(whole.spent_usd)} USD[/] for the trace's {len(calls):,} calls,\n"
        f"{whole.input_tokens:,} context tokens at 2.50 and {whole.output_tokens:,} generated "
        "tokens at 10 USD per million.",
        soft_wrap=True,
    )
    if totals.others.entries:
        spent = shown(totals.others.spent_usd)
        console.print(f"Other tenants have spent {spent} USD as well.", soft_wrap=True)
    return totals


def tenant_report(api: Api, tenant: str, console: Console) -> Sums:
    """Print one tenant's totals by agent, model and day, over all its months.

    Raises ReportError if the tenant has no costs.
    """
    totals = read(api, [tenant])
    whole = totals.tenants[tenant]
    if not whole.entries:
        raise ReportError(f"tenant {tenant} has no costs yet")
    _print_breakdowns(totals, whole, console)
    console.print(f"[bold]{tenant}[/] spent [bold]{shown(whole.spent_usd)} USD[/].")
    return whole


def _print_breakdowns(totals: Totals, whole: Sums, console: Console) -> None:
    for kind, title in TITLES.items():
        console.print(_table(title, totals.breakdowns[kind], whole))


def shown(amount: Decimal) -> str:
    """An amount without trailing zeros."""
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
    """What happened to the looping agent, for the console."""
    return (
        f"[bold]A looping agent[/] of {RUNAWAY_TENANT} asked for 1 USD at a time: "
        f"allowed {runaway.allowed} times, then [bold red]{runaway.action}[/] "
        f"({runaway.reason_code}).\n  {runaway.reason}\n"
        "  It only held money and released it, so the totals above stay the same."
    )


def examples(api_url: str) -> str:
    """Three commands to copy and run."""
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
        f"# Record a cost. Sending it twice counts it once.\n{booked}"
    )
