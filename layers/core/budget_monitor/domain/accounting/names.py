"""Names that people and programs give: one spelling for one name, and none that cannot be seen."""

import unicodedata

LENGTH = 256
"""The most characters of a name."""
EACH = "*"
"""The name of a budget that is for each name of its scope by itself."""

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
"""Control, format, unassigned and private characters, lone surrogates, separators and blanks."""
_ALSO_UNSEEN = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x2800, 0x2800),  # braille blank
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xE0100, 0xE01EF),  # variation selectors supplement
)


def one_spelling(text: str) -> str:
    """The text in NFC, without blanks around it: what two spellings of one name have in common."""
    found = unicodedata.normalize("NFC", text)
    start, end = 0, len(found)
    while start < end and unicodedata.category(found[start]) == "Zs":
        start += 1
    while end > start and unicodedata.category(found[end - 1]) == "Zs":
        end -= 1
    return found[start:end]


def unseen(name: str) -> str | None:
    """The first character of a name that shows nothing, or None. A blank between words is fine."""
    return next((one for one in name if one != " " and _is_unseen(one)), None)


def is_family(name: str | None) -> bool:
    """Whether a model budget's name stands for all models that begin so, such as `claude-*`."""
    return name is not None and len(name) > 1 and name.endswith(EACH)


def _is_unseen(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    if unicodedata.category(character) in _UNSEEN:
        return True
    return any(first <= ord(character) <= last for first, last in _ALSO_UNSEEN)
