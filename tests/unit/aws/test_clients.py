"""Clients give up within seconds."""

from budget_monitor.adapters.aws.clients import client_of


def test_a_client_has_the_limits_that_it_was_made_with() -> None:
    made = client_of("s3", "eu-central-1", 2.0, 3, s3={"addressing_style": "path"})
    found = made.meta.config
    assert (found.connect_timeout, found.read_timeout) == (1.0, 2.0)
    assert found.retries["total_max_attempts"] == 3
    assert (made.meta.region_name, found.s3) == ("eu-central-1", {"addressing_style": "path"})
