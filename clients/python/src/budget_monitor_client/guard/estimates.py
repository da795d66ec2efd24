"""How many tokens a prompt can have at most.

One token for each byte of its UTF-8 text, and 16 for the call. Tokenizers that work on bytes
make no token of less than a byte, and the JSON around messages and tools has more bytes than
the marks that a provider puts between them have tokens. English text has about a quarter of that;
count with the provider's tokenizer and give `input_tokens` to hold less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget_monitor_client.values import canonical, plain

MARKS = 16
"""Tokens that a provider may add to a call: its beginning, and the start of the answer."""
_MEDIA = {
    *("image", "image_url", "input_image", "input_audio", "audio", "video", "video_url"),
    *("file", "input_file", "document", "inlineData", "inline_data", "fileData", "file_data"),
}
"""Parts of a prompt that are no text: their tokens do not follow from their bytes."""


def most_tokens(prompt: object) -> int:
    """Return the most tokens of a text, of messages, or of anything that JSON can hold.

    Raises ValueError for images, sound and files: give `input_tokens` then.
    """
    if isinstance(prompt, str):
        return len(prompt.encode(errors="replace")) + MARKS
    parts = plain(prompt)
    found = _media(parts)
    if found:
        raise ValueError(f"the input has a part {found!r}: count it and give input_tokens")
    return len(canonical(parts).encode(errors="replace")) + MARKS


def _media(value: Any) -> str | None:  # noqa: ANN401 - JSON
    """The first part that is no text, if any."""
    inner: list[Any] = []
    if isinstance(value, Mapping):
        named = [
            name for name in (*value, value.get("type")) if isinstance(name, str) and name in _MEDIA
        ]
        if named:
            return str(named[0])
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    return next((found for one in inner if (found := _media(one))), None)
