"""Play one seed on one set of tables."""

from __future__ import annotations

import copy
from functools import partial

import time_machine

from tests.support.cloud import Cloud
from tests.support.dynamodb.tables import Rows
from tests.support.histories.events import history
from tests.support.histories.gateway import Wire
from tests.support.histories.lags import Lag
from tests.support.histories.making.scenes import most_behind
from tests.support.histories.simulator import DEPLOYMENTS, Simulation
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.values.values import outward_item


def play(seed: int, wire: Wire, cloud: Cloud) -> None:
    """Play one seed. Raises AssertionError with the seed if product and oracle differ."""
    told, rows = history(seed, len(DEPLOYMENTS)), cloud.rows
    if isinstance(cloud, MemoryCloud):
        empty(cloud)
        rows = partial(unsorted_rows, cloud)
    with time_machine.travel(told.start, tick=False) as clock:
        simulation = Simulation(told, wire, clock, rows, cloud.set_limits)
        if isinstance(cloud, MemoryCloud):
            simulation.lag = Lag(cloud, seed, most_behind(seed))
        try:
            simulation.play()
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault


def empty(cloud: MemoryCloud) -> None:
    """The tables as they were made: a new history must not meet an older one's rows."""
    database = cloud.database
    for name in cloud.names():
        definition = copy.deepcopy(database._tables[name].definition)  # noqa: SLF001 - as it was
        database.delete_table(TableName=name)
        database.create_table(**definition)


def unsorted_rows(cloud: MemoryCloud) -> Rows:
    """Everything that is stored, without the time that sorting it takes."""
    tables = cloud.database._tables  # noqa: SLF001 - looked into after each event
    return {
        logical_id: [outward_item(row) for row in tables[name].rows.values()]
        for logical_id, name in cloud.tables.items()
    }
