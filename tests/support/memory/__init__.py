"""A strict in-memory DynamoDB for tests: thousands of operations a second, and every race.

    def test_something(memory_cloud, door):            # see fixture.py
        memory_cloud.database.conflicts = at_random(seed=1, probability=0.2)

or by hand:

    database = MemoryDynamoDB(now=clock)               # a clock for the ten minutes of tokens
    database.create_table(TableName=..., KeySchema=..., AttributeDefinitions=...)
    database.install(monkeypatch)                      # every DynamoDB client of this process,
    with database.installed("http://memory:1"): ...    # or those to one endpoint alone
    database.execute("PutItem", {...})                 # the engine without botocore
    database.rows("table")                             # all items; `Scan` itself is forbidden

It stands in for `Endpoint._get_response`, below the SDK's retries: install it first, then
`tests.support.dynamodb.faults` (lost answers, kills) and `.calls` (counting) wrap it.

Knobs, all attributes that may change at any time:

    conflicts        what befalls the next TransactWriteItems: `scripted(["TransactionConflict",
                     None, "ThrottlingError"])`, `at_random(seed, probability, codes)`. The codes
                     of one item (TransactionConflict, ThrottlingError, ProvisionedThroughput-
                     Exceeded) cancel and stand beside what the other conditions truly say; any
                     other (TransactionConflictException, InternalServerError) fails the request.
    read_conflicts   the same for TransactGetItems
    stale_indexes    how many writes an index read is behind: `behind(3)`,
                     `behind_at_random(seed, most)`
    page_size        one-row pages of Query, and unprocessed keys in BatchGetItem
    forbidden        names of operations that raise AssertionError; `Scan` and every other way to
                     write are in it, add "PutItem" to forbid that too
    calls, writes    how often each operation was asked for; how many writes were done

Not modelled (AssertionError): the legacy parameters, Select=COUNT, PartiQL, BatchWriteItem, local
indexes. ReturnConsumedCapacity is ignored. A transaction runs alone under one lock, so conflicts
come from the knob and never by themselves. It lives in one process: `processes.racing` forks, and
each child would write to a copy of its own; race with threads here, or on ministack.
"""

from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.errors import DynamoError
from tests.support.memory.knobs import at_random, behind, behind_at_random, fresh, never, scripted

__all__ = [
    "DynamoError",
    "MemoryDynamoDB",
    "at_random",
    "behind",
    "behind_at_random",
    "fresh",
    "never",
    "scripted",
]
