"""docs/performance.md, from the results of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from local.bench.contention.callers import LIKELY_LOCK
from local.bench.costs import Costs
from local.bench.goals import Results, goals
from local.bench.peers.notes import notes_table, peers_table
from local.settings import ROOT

PAGE = ROOT / "docs" / "performance.md"

HEAD = """# Performance

Written by `make bench`; do not edit it. It measures Budget Monitor beside its goals and beside
other libraries, on one machine and in one run. **Nothing here ran on AWS.** Counts of requests,
items and write units are exact; times belong to this machine and can only be compared with each
other.

"""
CAPACITY = """A run with an agent and a model, in a workflow; all four default gates apply. *Items*
are written or checked by transactions that succeed, *index* are entries of indexes written or
removed, *units* are write units of both, *failed* are refused transactions, *bytes* are those of
the requests' bodies. *Again*: a second time in the same process. *Elsewhere*: in another process.

"""
LIMITS = """## How it was measured, and the limits

- CPU: each call is the whole handler: parsing, rules, request, answer, log line. The raw call is
  `boto3.client("dynamodb")` with its default settings and the same request. Both talk HTTP to a
  server in another process, which answers as DynamoDB did when the call was recorded. Only the
  caller's CPU time counts. The two take turns, call by call; the figures are medians.
- The goals compare with the whole raw call, including its HTTP exchange, because a function on AWS
  pays for it too. There the exchange costs more: it is encrypted. *Without HTTP* is the stricter
  ratio: the exchange is subtracted from both sides. Until 2026-11-29 this page had that ratio only,
  with answers from memory that botocore did not have to parse.
- Starts: fresh processes with compiled bytecode, CPU time of the process. The comparison imports
  boto3 and Powertools' Logger, creates a client, sends the request of a check and logs one line.
  Our first answer takes two requests: the rules, and then the accounts or the cost.
- Capacity: the strict in-memory DynamoDB of the tests counts what changes. A process that knows the
  rules sends the requests. DynamoDB bills a refused transaction like one that succeeds.
- Contention: the product's code runs unchanged on a virtual clock. A transaction locks its items
  for the time given. One that meets a locked item is cancelled at once, and the product retries. A
  request takes 2 ms on the network, and the functions' own time is not counted. All callers share
  one process's memory of rules and stripes. Real DynamoDB may lock for other times, and it also
  throttles a hot partition, which the model does not.
- Reads: rows are written straight into the in-memory database. The second request of each is
  counted.
- Other libraries: each in processes of its own, with the storage of its own that keeps the most.
  The time of a pair is that of one caller. Ours is with the local emulator of DynamoDB.
- The machine was not idle if its load is above its number of cores: then times are too high, and
  ratios less certain.
"""


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; all columns but the first are aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(_cell(one) for one in line)} |" for line in lines) + "\n"


def _cell(value: Any) -> str:  # noqa: ANN401 - of a row
    return f"{value:,g}" if isinstance(value, float) else str(value)


def goals_table(results: Results) -> str:
    """Return each goal, what was measured, and whether the goal is met."""
    rows = [
        (one.name, one.bound, f"{one.value:,g}{one.unit}", one.verdict) for one in goals(results)
    ]
    return table(("what", "goal", "measured", "met"), rows)


def page(results: Results) -> str:
    """Return the page."""
    found = goals(results)
    met = sum(one.met for one in found)
    parts = [HEAD, _made(results["machine"]), "\n## Goals\n\n"]
    parts += [f"{met} of {len(found)} goals are met.\n\n", goals_table(results)]
    parts += [_section(results, name) for name in SECTIONS]
    return "".join([*parts, "\n", LIMITS])


def _made(facts: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {one}" for name, one in facts["versions"].items())
    changed = " with changes" if facts["changed"] else ""
    short = "" if facts["scale"] == 1 else f" and {facts['scale']:g} of the rounds"
    return (
        f"Measured on {facts['date']} at commit {facts['commit']}{changed}, in {facts['minutes']} "
        f"minutes{short}, with Python {facts['python']} on {facts['system']}, {facts['cores']} "
        f"cores, load {facts['load']}. Versions: {versions}.\n"
    )


def _section(results: Results, name: str) -> str:
    title, render = SECTIONS[name]
    found = results[name]
    body = f"Not measured: {found['failed']}.\n" if "failed" in found else render(found)
    return f"\n## {title}\n\n{body}"


def _hot_path(found: Results) -> str:
    figures = ("handler_us", "raw_us", "ratio", "http_us", "ratio_without_http")
    head = ("handler, µs of CPU", "raw call, µs of CPU", "ratio", "HTTP, µs", "ratio without HTTP")
    rows = [(f"`{name}`", *(one[each] for each in figures)) for name, one in found.items()]
    return table(("call", *head), rows)


def _starts(found: Results) -> str:
    rows = [(name, one["import_ms"], one["first_answer_ms"]) for name, one in found.items()]
    return table(("program", "import, ms of CPU", "up to the first answer, ms of CPU"), rows)


def _capacity(found: Results) -> str:
    names = list(Costs().as_json())
    rows = [(name, *(one[each] for each in names)) for name, one in found.items()]
    head = ("request", *(name.replace("_", " ") for name in names))
    return CAPACITY + table(head, rows)


def _contention(found: Results) -> str:
    head = ("callers", "tenants", "stripes of a tenant", "stripes of the system", "lock, ms")
    figures = {
        "pairs a second": "pairs_per_second",
        "attempts a success": "attempts_per_success",
        "p50, ms": "p50_ms",
        "p99, ms": "p99_ms",
        "longest, ms": "most_ms",
        "overtaken, p99": "overtaken_p99",
        "requests": "requests",
        "503": "unavailable",
    }
    keys = ("callers", "tenants", "tenant_stripes", "system_stripes", "lock_ms")
    rows = [
        [*(one[key] for key in keys), *(one[key] for key in figures.values())]
        for one in sorted(found["loads"], key=lambda one: one["lock_ms"] != LIKELY_LOCK)
    ]
    note = (
        "Callers reserve and settle, again and again, without a pause. *Overtaken*: by how many "
        f"later requests. The template's stripes of a tenant are {found['default_stripes']}. The "
        "accounts of a hot tenant open with 4, 16 and 32 from their next periods on.\n\n"
    )
    return note + table((*head, *figures), rows)


def _reads(found: Results) -> str:
    sizes = list(found)
    names = list(found[sizes[0]])
    rows = [(name, *(found[size].get(name, "not run") for size in sizes)) for name in names]
    note = "Requests to DynamoDB with so many entries in the tenant's month.\n\n"
    return note + table(("read", *sizes), rows)


def _read_cache(found: Results) -> str:
    rows = [
        (name, way, one["p50_ms"], one["p95_ms"], one["requests"])
        for name, ways in found.items()
        for way, one in ways.items()
    ]
    note = (
        "A check on a local emulator, with the optional cache and without. *Hot*: the process "
        "knows the rules; *warm*: it does not. A cost moves the system's month, which is in each "
        "check.\n\n"
    )
    return note + table(("situation", "cache", "p50, ms", "p95, ms", "requests"), rows)


def _peers(found: Results) -> str:
    return f"{peers_table(found, table)}\n{notes_table(table)}"


SECTIONS: dict[str, tuple[str, Callable[[Results], str]]] = {
    "hot_path": ("Hot path", _hot_path),
    "starts": ("Starts", _starts),
    "capacity": ("Capacity", _capacity),
    "contention": ("Contention", _contention),
    "reads": ("Reads", _reads),
    "read_cache": ("Read cache", _read_cache),
    "peers": ("Other libraries", _peers),
}
