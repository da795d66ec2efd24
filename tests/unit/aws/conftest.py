"""Fixtures of the forwarder's adapters."""

from __future__ import annotations

from tests.support.alerts.forwarding import aws, receiver

__all__ = ["aws", "receiver"]
