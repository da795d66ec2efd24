"""How many rows accounts open with: by the settings and by the growth, which never shrinks."""

from __future__ import annotations

from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.domain.accounting.accounts import AccountKey, execution_key, tenant_key
from budget_monitor.domain.accounting.growth import Growth

MONTH = tenant_key("acme", "2026-12")
LABELLED = AccountKey("acme", "labelled", "writer", "2026-12")


def grown(stripes: int, *, tenant: int = 1) -> Layout:
    layout = Layout(system=16, tenant=tenant)
    layout.grow("acme", Growth(stripes=stripes))
    return layout


def test_a_grown_tenant_opens_months_with_16_rows_labels_with_8_and_runs_with_1() -> None:
    layout = grown(16)
    counts = [layout.count(one) for one in (MONTH, LABELLED, execution_key("acme", "run-1"))]
    assert counts == [16, 8, 1]
    assert layout.count(tenant_key("other", "2026-12")) == 1


def test_a_growth_never_makes_fewer_rows_than_the_settings_or_an_earlier_growth() -> None:
    assert grown(4, tenant=8).count(MONTH) == 8
    layout = grown(16)
    layout.grow("acme", Growth(stripes=4))
    assert layout.count(MONTH) == 16


def test_that_any_tenant_has_grown_is_known_from_the_growth_of_the_system() -> None:
    layout = grown(4)
    assert not layout.tenants_differ
    layout.grow("*", Growth(tenants=True))
    layout.grow("*", Growth())
    assert layout.tenants_differ
    assert layout.count(AccountKey("*", "system", "system", "2026-12")) == 16


def test_a_tenant_opens_with_2_rows_after_a_growth_to_2() -> None:
    assert grown(2).count(MONTH) == 2
