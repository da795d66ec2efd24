"""Frames of AWS's event streams, as Bedrock sends them."""

from __future__ import annotations

import json
import struct
from binascii import crc32
from typing import Any


def frame(kind: str, event: dict[str, Any]) -> bytes:
    """Return the event as a frame: prelude, headers, payload, each with its checksum."""
    headers = b"".join(
        _header(name, value)
        for name, value in {
            ":event-type": kind,
            ":content-type": "application/json",
            ":message-type": "event",
        }.items()
    )
    payload = json.dumps(event).encode()
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return message + struct.pack(">I", crc32(message))


def _header(name: str, value: str) -> bytes:
    text = value.encode()
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(text)) + text
