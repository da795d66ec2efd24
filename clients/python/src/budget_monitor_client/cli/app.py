"""The application: its options, its commands, and how errors end them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from budget_monitor_client.cli.commands import (
    agents,
    as_code,
    budgets,
    costs,
    jobs,
    prices,
    requests,
    usage,
    workflows,
)
from budget_monitor_client.cli.exits import CommandError, Exit, outcome_of
from budget_monitor_client.cli.places import Place
from budget_monitor_client.cli.session import Session, session_of
from budget_monitor_client.errors import BudgetMonitorError
from budget_monitor_client.transports.direct import NoFunctionError
from budget_monitor_client.transports.tokens import from_file

_HELP = """Budget Monitor: what agents may spend, what they spent, and who decides.

Exit codes: 0 done; 1 a budget refuses, a check failed or a plan has changes; 2 wrong usage;
3 unavailable; 4 not found; 5 conflict; 6 forbidden.
"""


class _Commands(typer.core.TyperGroup):
    """Commands whose errors are one message, what to do next, and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own types
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            _end(session_of(ctx), str(error), error.hint, error.code)
        except NoFunctionError as error:
            _end(session_of(ctx), str(error), "Give --stack in place of functions.", Exit.USAGE)
        except BudgetMonitorError as error:
            outcome = outcome_of(error)
            code = f"{error.code}: " if error.code else ""
            field = f" (field {error.field})" if error.field else ""
            _end(session_of(ctx), f"{code}{error}{field}", outcome.hint, outcome.code)


def _end(session: Session, message: str, hint: str | None, code: Exit) -> None:
    """Print the error and leave. Raises typer.Exit."""
    session.error.print(Text("error: ", style="red").append(message, style="default"))
    if hint:
        session.error.print(Text("next: ", style="bold").append(hint, style="not bold"))
    raise typer.Exit(code)


app = typer.Typer(cls=_Commands, help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def main(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Option(envvar="BUDGET_MONITOR_URL", help="The address of the API.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="BUDGET_MONITOR_TOKEN",
            help="A bearer token; else requests to --url are signed with your AWS credentials.",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            envvar="BUDGET_MONITOR_TOKEN_FILE",
            help="A file with the bearer token, read for each request: another process renews it.",
        ),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option(
            envvar="BUDGET_MONITOR_STACK", help="The stack, whose functions are invoked directly."
        ),
    ] = None,
    region: Annotated[str | None, typer.Option(help="The AWS region of --url or --stack.")] = None,
) -> None:
    """Find Budget Monitor: --url, --stack, the functions in the environment, or `make up`'s."""
    if not isinstance(context.obj, Session):
        present = from_file(token_file) if token_file else token
        context.obj = Session(Place(url, present, stack, region))


main.__doc__ = _HELP
for group in (usage, costs, requests, workflows, prices, jobs, as_code, agents):
    group.register(app)
app.add_typer(budgets.app, name="budgets")
