"""Names that callers send: one spelling per name, without invisible characters."""

import re
import unicodedata

LENGTH = 256
"""Maximum of characters of a name."""
EACH = "*"
"""The `scope_id` of a budget that limits each name of its scope separately."""

_BLANKS = " \u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Every blank of Unicode (Zs)."""
_ALSO_UNSEEN = re.compile(
    "[\u034f"  # combining grapheme joiner
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5"  # Khmer inherent vowels
    "\u180b-\u180f"  # Mongolian variation selectors
    "\u2800"  # braille blank
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]"  # variation selectors
)
"""Invisible characters that Unicode classifies as marks, letters or symbols."""


def one_spelling(text: str) -> str:
    """Return the text in NFC, without blanks around it."""
    return unicodedata.normalize("NFC", text).strip(_BLANKS)


def unseen(name: str) -> str | None:
    """The first character of a name that shows nothing, or None. A blank between words is fine.

    Not printable are control, format, private and unassigned characters, lone surrogates, line
    separators, and every blank but U+0020.
    """
    if not name.isprintable():
        return next(one for one in name if not one.isprintable())
    found = _ALSO_UNSEEN.search(name)
    return found[0] if found else None


def is_family(name: str | None) -> bool:
    """True if a model budget's name is a prefix of models' names, such as `claude-*`."""
    return name is not None and len(name) > 1 and name.endswith(EACH)
