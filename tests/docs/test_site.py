"""The site builds strictly and from this folder alone, and what pages name exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.docs.pages import CONTRIBUTING, README, fences, name_of, pages, site_pages
from tests.support.paths import ROOT
from tests.support.thorough import THOROUGH

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
pytestmark = pytest.mark.xdist_group("site")  # built once, by one worker
MKDOCS = "import gc; gc.disable(); from mkdocs.__main__ import cli; cli()"
"""The command mkdocs, without the search for garbage."""
LINKED = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
"""A link or an image that is not an address of the network."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it; its index for searches in a thorough run alone."""
    folder, written = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("written")
    quick = written / "mkdocs.yml"
    quick.write_text(f"INHERIT: {ROOT}/mkdocs.yml\ndocs_dir: {ROOT}/docs\nplugins: []\n")
    settings = ROOT / "mkdocs.yml" if THOROUGH else quick
    command = ["build", "--strict", "--config-file", str(settings), "--site-dir", str(folder)]
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", MKDOCS, *command],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, re.findall("WARNING.*", done.stderr)) == (0, []), done.stderr
    return folder


def test_the_site_builds_strictly_with_a_page_for_each_file(site: Path) -> None:
    for page in site_pages():
        name = page.relative_to(ROOT / "docs").with_suffix("")
        parts = name.parent if name.name == "index" else name
        assert (site / parts / "index.html").is_file(), page


def test_the_site_loads_nothing_from_the_network(site: Path) -> None:
    html = [one.read_text() for one in site.rglob("*.html")]
    scripts = re.compile(r"""<(?:script|img)[^>]*src=["'](?:https?:)?//""")
    styles = re.compile(r"""<link[^>]*rel=["'](?:stylesheet|preconnect)["'][^>]*(?:https?:)?//""")
    assert [found for text in html for found in scripts.findall(text) + styles.findall(text)] == []


@pytest.mark.parametrize("page", [README, CONTRIBUTING], ids=name_of)
def test_every_link_of_a_page_outside_the_site_leads_to_a_file(page: Path) -> None:
    links = LINKED.findall(page.read_text())
    assert len(links) > 0
    assert [one for one in links if not (page.parent / one).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_make_target_and_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    named = set(re.findall(r"`make (?:-s )?([a-z-]+)", text))
    named |= set(re.findall(r"^make (?:-s )?([a-z-]+)", text, re.MULTILINE))
    assert named - TARGETS == set()
    files = re.findall(r"`((?:tests|layers|local|docs|functions|events)/[\w./-]+)`", text)
    assert [one for one in files if not (ROOT / one).exists()] == []


def test_the_answers_of_the_exercise_name_files_that_exist() -> None:
    answers = CONTRIBUTING.read_text().partition("<summary>Answers</summary>")[2]
    named = set(re.findall(r"`((?:[\w-]+/)+[\w.]*|[\w.]+\.(?:py|yaml))`", answers))
    core = ROOT / "layers/core/budget_monitor"
    places = (ROOT, core, core / "entrypoints/dashboard")
    assert len(named) > 20
    assert [one for one in named if not any((place / one).exists() for place in places)] == []


def test_make_help_lists_every_target_with_its_words() -> None:
    documented = set(re.findall(r"^([a-z-]+):.*## \w", MAKEFILE, re.MULTILINE))
    assert TARGETS - documented == {"check"}
    words = ["make", "--no-print-directory", "help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert {line.split()[1] for line in done.stdout.splitlines()} == documented


def test_the_readme_is_short_and_its_first_screen_says_never_run_on_real_aws() -> None:
    lines = README.read_text().splitlines()
    assert len(lines) < 250
    assert any("Never run on real AWS" in line for line in lines[:10])


def test_pictures_name_no_address_of_the_network() -> None:
    for picture in (ROOT / "docs" / "pictures").glob("*.svg"):
        addresses = set(re.findall(r"https?://[\w./-]+", picture.read_text()))
        assert addresses <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}, picture


def test_no_page_names_a_block_that_no_test_reads() -> None:
    titles = {one.title for page in pages() for one in fences(page) if one.title}
    tests = "".join(
        one.read_text() for one in (ROOT / "tests").rglob("*.py") if one != Path(__file__)
    )
    assert {one for one in titles if f'"{one}"' not in tests} == set()
