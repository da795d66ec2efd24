"""Requests of reads in a month of few entries."""

from __future__ import annotations

import pytest

from local.bench.reads import EXPORT, PAGES, REPORTS, requests_at


@pytest.mark.usefixtures("botocore_set_up_once")
def test_each_report_page_and_export_is_counted() -> None:
    found = requests_at(60)
    assert set(found) == {*REPORTS, *PAGES, EXPORT}
    assert min(found.values()) >= 1
    assert found["tenant_usage"] == 2
