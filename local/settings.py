"""Settings of the local environment: its address, its state and its credentials.

The access key is the emulator's root. It opens nothing but a process on this machine's loopback.
"""

from __future__ import annotations

from pathlib import Path

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
REGION = "us-east-1"
ACCOUNT = "000000000000"
ROOT_KEY = "test"
ROOT_SECRET = "test"  # noqa: S105 - the emulator's own well-known key, not a secret


def credentials() -> Credentials:
    """The administrator's credentials of the emulated account, for signing."""
    return Credentials(ROOT_KEY, ROOT_SECRET)


def session() -> boto3.Session:
    """A boto3 session of the emulated account that ignores this machine's settings."""
    return boto3.Session(
        aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_SECRET, region_name=REGION
    )


def client_config() -> Config:
    """Client settings for a process on this machine: short time-outs, no proxy."""
    return Config(
        connect_timeout=3,
        read_timeout=120,
        retries={"mode": "standard", "max_attempts": 2},
        proxies={},
        s3={"addressing_style": "path"},
    )
