"""Runs the tests of the integrations where the real libraries are, against the product here."""

from __future__ import annotations

import faulthandler
from pathlib import Path

import pytest

from tests.support.integrations import environment
from tests.support.integrations.product import served
from tests.support.memory.fixture import MemoryCloud
from tests.support.paths import ROOT

GROUPS = [
    ["test_openai.py", "test_anthropic.py", "test_openai_agents.py"],
    ["test_langchain.py", "test_pydantic_ai.py", "test_bedrock.py"],
    ["test_litellm.py", "test_strands.py", "test_page.py"],
]
FILES = sorted(path.name for path in (ROOT / "tests/integrations/libraries").glob("test_*.py"))
PROXY = ["test_litellm_proxy.py"]
"""It starts LiteLLM's proxy, of which loading alone takes longer than the others."""


@pytest.mark.thorough
@pytest.mark.parametrize("files", [PROXY, *GROUPS], ids=lambda files: files[0])
def test_each_librarys_calls_are_exact_refused_once_and_never_free(
    cloud: MemoryCloud, files: list[str]
) -> None:
    faulthandler.cancel_dump_traceback_later()  # these processes have time limits of their own
    python = environment.made()
    with served() as url:
        done = environment.run_tests(python, url, files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_no_file_is_left_out() -> None:
    assert sorted(sum(GROUPS, PROXY)) == FILES


def test_an_environment_that_cannot_be_made_fails_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = tmp_path / "integrations.txt"
    wrong.write_text("no-such-library==1.0 --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(environment, "FOLDER", tmp_path / "local" / "integrations")
    monkeypatch.setattr(environment, "LIST", wrong)
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(environment.NoEnvironmentError, match="no-such-library"):
        environment.made()
