"""What the local environment is made of: where it listens, what it keeps, who may call it.

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
    """The administrator of the emulated account, as botocore wants it for signing."""
    return Credentials(ROOT_KEY, ROOT_SECRET)


def session() -> boto3.Session:
    """A boto3 session of the emulated account that reads nothing of this machine's settings."""
    return boto3.Session(
        aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_SECRET, region_name=REGION
    )


def client_config() -> Config:
    """Short waits and no proxy: the other end is a process on this machine."""
    return Config(
        connect_timeout=3,
        read_timeout=120,
        retries={"mode": "standard", "max_attempts": 2},
        proxies={},
        s3={"addressing_style": "path"},
    )
