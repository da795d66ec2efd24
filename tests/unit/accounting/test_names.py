"""Names letter by letter: one spelling, and no character that shows nothing."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from budget_monitor.domain.names import is_family, one_spelling, unseen

NEVER = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def test_every_control_format_private_unassigned_and_blank_character_is_found() -> None:
    found = [
        number
        for number in range(sys.maxunicode + 1)
        if unicodedata.category(chr(number)) in NEVER and unseen(f"a{chr(number)}b") is None
    ]
    assert found == [0x20]


@pytest.mark.parametrize(
    "first_and_last",
    [
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    ],
)
def test_marks_letters_and_symbols_that_show_nothing_are_found(
    first_and_last: tuple[int, int],
) -> None:
    first, last = first_and_last
    for number in range(first, last + 1):
        assert unseen(f"a{chr(number)}b") == chr(number)
    for number in (first - 1, last + 1):
        if unicodedata.category(chr(number)) not in NEVER and number != 0x1161:
            assert unseen(f"a{chr(number)}b") in {None, chr(number)}


def test_the_first_one_is_told() -> None:
    assert unseen("a\u200b\u2060") == "\u200b"
    assert unseen("a b") is None


def test_every_blank_around_a_name_is_trimmed_and_none_within() -> None:
    blanks = [chr(n) for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) == "Zs"]
    for blank in blanks:
        within = unicodedata.normalize("NFC", blank)  # two of them are another in NFC
        assert one_spelling(f"{blank} a {blank}b {blank}") == f"a {within}b"
    assert one_spelling("-a-") == "-a-"
    assert one_spelling("\ta\n") == "\ta\n"


def test_two_spellings_of_a_name_become_one() -> None:
    assert one_spelling("Jose\u0301") == one_spelling("Jos\u00e9 ") == "Jos\u00e9"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("claude-*", True), ("o*", True), ("*", False), (None, False), ("a*b", False)],
)
def test_a_family_is_a_name_that_ends_in_a_star(name: str | None, *, expected: bool) -> None:
    assert is_family(name) is expected
