"""LiteLLM's proxy with the callback of `examples/litellm_proxy`: keys, tenants, 64 racers."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from tests.integrations.libraries.conftest import Ledger
from tests.integrations.libraries.stub_models import Models

EXAMPLE = Path(__file__).parents[3] / "examples" / "litellm_proxy"
START_SECONDS = 200
RACERS = 64
ASKED: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "What is a budget?"}],
    "max_tokens": 800,
}
COST = "0.006"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/liveliness", timeout=5):  # noqa: S310 - ours
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def tenants() -> dict[str, str]:
    """Tenants by the keys of the example, with names that only this run has."""
    mark = os.urandom(4).hex()
    return {key: f"{name}-{mark}" for key, name in {"sk-acme-ada": "acme", "sk-one": "one"}.items()}


@pytest.fixture(scope="session")
def proxy(
    stub: Models, tenants: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A proxy on a free port with the example's own configuration, and a key for each tenant."""
    folder = tmp_path_factory.mktemp("proxy")
    keys = {
        hashlib.sha256(key.encode()).hexdigest(): {"tenant_id": tenant, "user": "ada"}
        for key, tenant in tenants.items()
    }
    (folder / "keys.json").write_text(json.dumps(keys))
    port = free_port()
    environment = {
        **os.environ,
        "BUDGET_MONITOR_TOKEN": "a-token",
        "BUDGET_MONITOR_KEYS": str(folder / "keys.json"),
        "OPENAI_API_BASE": f"{stub.url}/v1",
        "ANTHROPIC_API_BASE": stub.url,
        "OPENAI_API_KEY": "a-key",
        "ANTHROPIC_API_KEY": "a-key",
    }
    words = ["--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    program = str(Path(sys.executable).parent / "litellm")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - the library's own program
            [program, *words], cwd=EXAMPLE, env=environment, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + START_SECONDS
            while not is_up(url):
                said = (folder / "log").read_text()
                assert process.poll() is None, said
                assert time.monotonic() < until, said
                time.sleep(0.2)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


@pytest.fixture
def acme(ledger: Ledger, tenants: dict[str, str]) -> Ledger:
    return Ledger(ledger.budget, tenants["sk-acme-ada"])


def client(proxy: str, key: str = "sk-acme-ada") -> openai.OpenAI:
    """A client with the SDK's own retries: a refusal must not use them."""
    return openai.OpenAI(base_url=f"{proxy}/v1", api_key=key)


def newest(ledger: Ledger) -> dict[str, Any]:
    found: dict[str, Any] = ledger.budget.ledger(ledger.tenant_id)["items"][-1]
    return found


def test_a_call_is_booked_for_its_keys_tenant_and_user(
    proxy: str, acme: Ledger, models: Models
) -> None:
    answer = client(proxy).chat.completions.create(**ASKED)
    assert answer.choices[0].message.content == "It is a limit."
    entry = newest(acme)
    assert (entry["cost_usd"], entry["user"], acme.held) == (COST, "ada", "0")


def test_messages_of_anthropic_are_booked_by_the_model_behind_the_name(
    proxy: str, acme: Ledger, models: Models
) -> None:
    own = anthropic.Anthropic(base_url=proxy, api_key="sk-acme-ada")
    asked = {**ASKED, "model": "claude"}
    own.messages.create(**asked)
    assert (newest(acme)["cost_usd"], acme.held) == ("0.0081", "0")
    assert list(own.messages.create(**asked, stream=True))
    assert [one["cost_usd"] for one in acme.budget.ledger(acme.tenant_id)["items"]][-2:] == [
        "0.0081",
        "0.0081",
    ]


def test_an_unknown_key_is_a_401_and_a_call_that_is_not_guarded_a_403(
    proxy: str, models: Models
) -> None:
    with pytest.raises(openai.AuthenticationError):
        client(proxy, "sk-nobody").chat.completions.create(**ASKED)
    with pytest.raises(openai.PermissionDeniedError, match="not guarded"):
        client(proxy).images.generate(model="gpt-4o", prompt="a cat")
    assert models.attempts == 0


@pytest.mark.parametrize("cut", range(6))
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    proxy: str, ledger: Ledger, acme: Ledger, models: Models, cut: int
) -> None:
    before = len(acme.costs)
    models.cut_at = cut
    once = client(proxy).with_options(max_retries=0)
    try:
        for chunk in once.chat.completions.create(**ASKED, stream=True):
            assert chunk.choices
    except openai.APIError:
        assert cut <= 4
    until = time.monotonic() + 20
    while len(acme.costs) == before and time.monotonic() < until:
        time.sleep(0.1)
    (cost,) = acme.costs[before:]
    # LiteLLM does not hand on a usage that came right before the cut.
    assert cost == COST or cut < 5
    assert Decimal(cost) > Decimal(COST) or cut >= 4
    assert acme.held == "0"


def test_a_failed_call_is_booked_at_the_estimate_and_a_refused_one_released(
    proxy: str, acme: Ledger, models: Models
) -> None:
    for status, booked in ((500, 1), (400, 0)):
        before = len(acme.costs)
        models.status = status
        with pytest.raises(openai.APIStatusError):
            client(proxy).with_options(max_retries=0).chat.completions.create(**ASKED)
        assert (len(acme.costs) - before, acme.held) == (booked, "0")


def test_64_racers_through_the_proxy_are_never_over_and_a_refusal_is_sent_once(
    proxy: str, ledger: Ledger, tenants: dict[str, str], models: Models
) -> None:
    one = Ledger(ledger.budget, tenants["sk-one"])
    month = {"budget_id": "tenant-month", "by": "maria", "reason": "a test"}
    one.budget.set_budget(one.tenant_id, limit_usd="0.05", **month)  # type: ignore[arg-type]
    racing = client(proxy, "sk-one")

    def race(number: int) -> str:
        try:
            racing.chat.completions.create(**ASKED, user=f"racer-{number}")
        except openai.PermissionDeniedError as error:
            fields: Any = error.body
            assert fields["provider_specific_fields"]["reason_code"] == "TENANT_MONTH_EXCEEDED"
            assert not fields["provider_specific_fields"]["decision"]["allowed"]
            return "refused"
        return "answered"

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = Counter(pool.map(race, range(RACERS)))
    spent = Decimal(one.budget.tenant_usage(one.tenant_id)["spent_usd"])
    assert spent == Decimal(COST) * outcomes["answered"] <= Decimal("0.05")
    assert outcomes["answered"] == models.attempts >= 5
    assert sum(outcomes.values()) == RACERS
    assert one.held == "0"


def test_a_client_that_leaves_is_booked_at_the_estimate(
    proxy: str, ledger: Ledger, acme: Ledger, models: Models
) -> None:
    before = len(acme.costs)
    models.delay_seconds = 3
    own = client(proxy).with_options(timeout=1, max_retries=0)
    with pytest.raises(openai.APITimeoutError):
        own.chat.completions.create(**ASKED)
    until = time.monotonic() + 30
    while len(acme.costs) == before and time.monotonic() < until:
        time.sleep(0.2)
    assert len(acme.costs) == before + 1
    assert acme.held == "0"
