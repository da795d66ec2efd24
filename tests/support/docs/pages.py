"""Documentation pages and their fenced blocks."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import ROOT

DOCS = ROOT / "docs"
README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
QUICKSTART = DOCS / "start" / "quickstart.md"
WITHOUT_EXAMPLES = {DOCS / "mutation.md", DOCS / "reference" / "operations.md"}
"""Generated pages."""

_FENCE = re.compile(r'^```(\w+)(?: title="([^"]*)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, its title if it has one, and its text."""

    language: str
    title: str | None
    text: str


def site_pages() -> list[Path]:
    """Return every page of the site."""
    return sorted(DOCS.rglob("*.md"))


def pages() -> list[Path]:
    """Return every page that may have examples."""
    return [README, CONTRIBUTING, *(one for one in site_pages() if one not in WITHOUT_EXAMPLES)]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@functools.cache
def fences(page: Path) -> tuple[Fence, ...]:
    """Return the page's fenced blocks in order. Each page is read once."""
    return tuple(Fence(*found) for found in _FENCE.findall(page.read_text()))


@functools.cache
def titled(title: str) -> str:
    """Return the text of the only block with this title, on any page."""
    (found,) = (fence.text for page in pages() for fence in fences(page) if fence.title == title)
    return found


def examples(page: Path) -> list[tuple[str, Fence]]:
    """Return each command that calls the API or a function, with the block of its answer."""
    blocks = fences(page)
    return [
        (command.text, answer) for command, answer in itertools.pairwise(blocks) if is_call(command)
    ]


def is_call(fence: Fence) -> bool:
    """True if the block is a command that calls the API or invokes a function."""
    return fence.language == "sh" and fence.text.startswith(("call ", "invoke "))


def is_command_line(fence: Fence) -> bool:
    """True if the block has commands of the client's command line."""
    return fence.language == "sh" and fence.text.startswith("budget-monitor ")


def shell_functions() -> str:
    """Return the shell functions `call` and `invoke` of the quickstart."""
    (setup,) = (one.text for one in fences(QUICKSTART) if "call() {" in one.text)
    return setup.partition("\n")[2]
