"""Signed links: valid for one purpose, until they expire, under the keys in use."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.errors import ForbiddenError
from budget_monitor.domain.signed_links import MAX_TOKEN, sign, verify

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
KEY, OTHER = b"k" * 64, b"o" * 64
PAYLOAD = {"tenant_id": "acme", "by": "maria"}
TOKEN = sign(PAYLOAD, KEY, NOW + timedelta(minutes=5), "page")


def test_a_token_gives_back_its_payload_until_the_second_it_expires() -> None:
    assert verify(TOKEN, [KEY], NOW, "page") == PAYLOAD
    assert verify(TOKEN, [KEY], NOW + timedelta(minutes=4, seconds=59), "page") == PAYLOAD
    with pytest.raises(ForbiddenError, match=r"^this link has expired; ask for a new one$"):
        verify(TOKEN, [KEY], NOW + timedelta(minutes=5), "page")


def test_half_a_second_of_life_is_rounded_up_to_a_whole_one() -> None:
    token = sign(PAYLOAD, KEY, NOW + timedelta(milliseconds=500), "page")
    assert verify(token, [KEY], NOW + timedelta(milliseconds=900), "page") == PAYLOAD
    with pytest.raises(ForbiddenError, match="expired"):
        verify(token, [KEY], NOW + timedelta(seconds=1), "page")


def test_a_token_of_the_key_before_a_rotation_is_still_valid() -> None:
    assert verify(TOKEN, [OTHER, KEY], NOW, "page") == PAYLOAD
    with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
        verify(TOKEN, [OTHER], NOW, "page")
    with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
        verify(TOKEN, [], NOW, "page")


def test_a_token_of_another_purpose_is_refused() -> None:
    with pytest.raises(ForbiddenError, match=r"^this link is not valid here$"):
        verify(TOKEN, [KEY], NOW, "approve")


def test_a_token_contains_only_characters_that_a_url_needs_not_escape() -> None:
    token = sign({"tenant_id": "ünïcode", "by": "?&=#"}, KEY, NOW, "page")
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_a_changed_payload_is_refused() -> None:
    body, _, signature = TOKEN.partition(".")
    text = base64.urlsafe_b64decode(body + "==").decode().replace("acme", "evil")
    forged = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
    with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
        verify(f"{forged}.{signature}", [KEY], NOW, "page")


@pytest.mark.parametrize("end", ["", "=", ".x", "\n", "A"])
def test_a_token_has_one_spelling(end: str) -> None:
    if end:
        with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
            verify(TOKEN + end, [KEY], NOW, "page")
    for position in range(len(TOKEN)):
        other = "A" if TOKEN[position] != "A" else "B"
        with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
            verify(TOKEN[:position] + other + TOKEN[position + 1 :], [KEY], NOW, "page")


def test_a_token_of_2049_characters_is_refused_although_it_is_signed() -> None:
    lengths = {}
    for filler in range(1300, 1450):
        token = sign({"by": "x" * filler}, KEY, NOW + timedelta(minutes=5), "page")
        lengths[len(token)] = token
    fits, too_long = (
        max(one for one in lengths if one <= MAX_TOKEN),
        min(one for one in lengths if one > MAX_TOKEN),
    )
    assert verify(lengths[fits], [KEY], NOW, "page")
    with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
        verify(lengths[too_long], [KEY], NOW, "page")


@given(st.text(max_size=200))
def test_any_text_is_refused_and_never_an_error_of_ours(text: str) -> None:
    with pytest.raises(ForbiddenError):
        verify(text, [KEY], NOW, "page")


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=40), max_size=5))
def test_any_payload_comes_back_as_it_was(payload: dict[str, str]) -> None:
    token = sign(payload, KEY, NOW + timedelta(minutes=1), "page")
    assert verify(token, [KEY], NOW, "page") == payload


def test_a_token_is_compact_json_in_order_so_that_one_payload_has_one_link() -> None:
    body, _, _ = sign({"tenant_id": "acme", "by": "ana"}, KEY, NOW, "page").partition(".")
    expires = int(NOW.timestamp())
    text = f'{{"expires":{expires},"payload":{{"by":"ana","tenant_id":"acme"}},"purpose":"page"}}'
    assert base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode() == text


def test_only_the_text_before_the_first_point_can_be_signed() -> None:
    signature = hmac.new(KEY, b"a.b", hashlib.sha256).digest()
    end = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
        verify(f"a.b.{end}", [KEY], NOW, "page")


@pytest.mark.parametrize("token", ["\ud800.x", "x.\ud800", "\ud800"])
def test_a_token_with_half_a_character_is_refused(token: str) -> None:
    with pytest.raises(ForbiddenError, match=r"^this link is not valid$"):
        verify(token, [KEY], NOW, "page")
