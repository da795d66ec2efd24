"""What each request costs in DynamoDB: one table, so that every change of it shows as a diff.

After an intended change, copy the table that the failing test prints.
"""

from __future__ import annotations

import pytest

from local.bench.capacity import counts
from local.bench.costs import Costs

EXPECTED = """
request                                    requests   failed    items    index    units    bytes
check                                             1        0        0        0        0      956
reserve                                           1        0        5        2       12     4259
settle                                            1        0        9       11       29     7011
reserve, first of a run                           2        0        6        7       19     5108
record                                            1        0        9        8       26     6764
pair                                              2        0       14       13       41    11270
pair with 20 custom budgets                       2        0       55       13      129    37934
draw                                              1        0        9        8       26     6588
hold, 20 draws and release                       22        0      191      165      547   139660
refused by the run                                2        1        0        0       12     7295
refused by the run, again                         1        0        0        0        0     2361
refused by the run, elsewhere                     3        1        0        0       12     7470
refused by the run for holds                      3        1        0        0       12     7638
refused by the run for holds, again               2        1        0        0       12     7294
refused by the run for holds, elsewhere           4        1        0        0       12     7813
refused by the tenant                             3        1        1        2       16     8465
refused by the tenant, again                      1        0        0        0        0     2361
refused by the tenant, elsewhere                  4        2        0        0       14     8640
refused by the tenant for holds                   4        1        1        2       16     8870
refused by the tenant for holds, again            2        1        0        0       12     7292
refused by the tenant for holds, elsewhere        5        2        0        0       14     9045
refused by the system                             4        1        1        2       14     9532
refused by the system, again                      1        0        0        0        0     2361
refused by the system, elsewhere                  5        2        0        0       14    10367
refused by the system for holds                  20        1        1        2       14    15072
refused by the system for holds, again            3        1        0        0       10     8354
refused by the system for holds, elsewhere       21        2        0        0       14    15907
"""


def table() -> list[str]:
    """Return a line of each request with all its counts."""
    found = counts()
    width = max(map(len, found))
    lines = [" ".join(["request".ljust(width), *(name.rjust(8) for name in Costs().as_json())])]
    for name, one in found.items():
        figures = [str(count).rjust(8) for count in one.as_json().values()]
        lines.append(" ".join([name.ljust(width), *figures]))
    return lines


@pytest.mark.usefixtures("botocore_set_up_once")
def test_requests_items_write_units_and_bytes_are_those_of_the_table() -> None:
    lines = table()
    assert lines == EXPECTED.strip().splitlines(), "\n".join(["", *lines, ""])
