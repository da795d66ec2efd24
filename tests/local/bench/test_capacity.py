"""What each request costs in DynamoDB: one table, so that every change of it shows as a diff.

After an intended change, copy the table that the failing test prints.
"""

from __future__ import annotations

import pytest

from local.bench.capacity import counts
from local.bench.costs import Costs

EXPECTED = """
request                                    requests   failed    items    index    units    bytes
check                                             1        0        0        0        0      955
reserve                                           1        0        5        2       12     4338
settle                                            1        0        9       13       31     7158
reserve, first of a run                           2        0        6        8       20     5247
record                                            1        0        9       10       28     6795
pair                                              2        0       14       15       43    11496
pair with 20 custom budgets                       2        0       55       15      131    38160
draw                                              1        0        9       10       28     6667
hold, 20 draws and release                       22        0      191      205      587   141542
refused by the run                                2        1        0        0       12     7373
refused by the run, again                         1        0        0        0        0     2360
refused by the run, elsewhere                     3        1        0        0       12     7608
refused by the run for holds                      3        1        0        0       12     7715
refused by the run for holds, again               2        1        0        0       12     7372
refused by the run for holds, elsewhere           4        1        0        0       12     7950
refused by the tenant                             3        1        1        2       16     8500
refused by the tenant, again                      1        0        0        0        0     2360
refused by the tenant, elsewhere                  4        2        0        0       14     8735
refused by the tenant for holds                   4        1        1        2       16     8904
refused by the tenant for holds, again            2        1        0        0       12     7370
refused by the tenant for holds, elsewhere        5        2        0        0       14     9139
refused by the system                             4        1        1        2       14     9566
refused by the system, again                      1        0        0        0        0     2360
refused by the system, elsewhere                  5        2        0        0       14    10461
refused by the system for holds                  20        1        1        2       14    15090
refused by the system for holds, again            3        1        0        0       10     8431
refused by the system for holds, elsewhere       21        2        0        0       14    15985
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
