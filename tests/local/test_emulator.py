"""The emulator as a process: found, stopped, and never mistaken for another one."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from local.stack.deploy import Aws
from local.stack.emulator import Emulator, EmulatorError


def test_a_second_start_finds_the_first_and_a_stop_ends_it(tmp_path: Path) -> None:
    with Emulator(tmp_path) as first:
        second = Emulator(tmp_path)
        assert second.start() is False
        assert second.running() == first.running()
        assert second.stop() is True

    assert first.running() is None
    assert not (tmp_path / "tmp").exists()


def test_a_file_that_a_dead_emulator_left_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "emulator.lock").write_text(json.dumps({"pid": os.getpid(), "port": 1}))

    assert Emulator(tmp_path).running() is None
    assert Emulator(tmp_path).stop() is False


def test_a_taken_port_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(EmulatorError, match="make up PORT="):
            Emulator(tmp_path, port=other.getsockname()[1]).start()


def test_what_was_kept_is_there_after_a_stop_and_a_start(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path, persist=True)
    with emulator:
        topic = Aws(emulator.endpoint)["sns"].create_topic(Name="kept")["TopicArn"]
    with emulator:
        topics = Aws(emulator.endpoint)["sns"].list_topics()["Topics"]

    assert [one["TopicArn"] for one in topics] == [topic]
