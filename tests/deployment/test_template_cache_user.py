"""What the cache's user may do, as the template says it, tried on a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

from tests.support.cache.valkey_acl import NAME, Clients, serving
from tests.support.template.conditions import in_effect
from tests.support.template.translation import of_type, translated

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

NEWER = """
local known = redis.call('GET', KEYS[1])
if known and tonumber(known) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
REFUSED = (
    "FLUSHALL", "FLUSHDB", "KEYS bm:*", "SCAN 0", "RANDOMKEY", "CONFIG GET *", "ACL LIST",
    "ACL WHOAMI", "CLIENT LIST", "CLIENT KILL ID 1", "INFO", "MONITOR", "SHUTDOWN NOSAVE",
    "INCR bm:n", "INCRBYFLOAT bm:n 1", "APPEND bm:n 1", "GETSET bm:n 1", "RENAME bm:n bm:m",
    "EXPIRE bm:n 1", "COPY bm:n bm:m", "DUMP bm:n", "OBJECT ENCODING bm:n", "HSET bm:h f 1",
    "PUBLISH bm:c m", "SUBSCRIBE bm:c", "SCRIPT FLUSH", "FUNCTION LIST", "MULTI",
    "PING", "SELECT 1", "MGET bm:n bm:m", "EVALSHA 0 0", "CLIENT SETNAME me",
    "GET other", "SET other 1", "DEL other", "DEL bm:n other",
)  # fmt: skip


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    on = in_effect(translated(), EnableCache="true")
    found: dict[str, Any] = of_type(on, "AWS::ElastiCache::User")["CacheUser"]
    return found


@pytest.fixture(scope="module")
def clients(declared: dict[str, Any]) -> Iterator[Clients]:
    with serving(declared["AccessString"]) as clients:
        yield clients


def test_the_access_string_takes_everything_away_before_it_gives(declared: dict[str, Any]) -> None:
    words = declared["AccessString"].split()
    assert words[:4] == ["on", "~bm:*", "resetchannels", "-@all"]
    given = {word.removeprefix("+") for word in words[4:]}
    assert all(word.startswith("+") and "@" not in word for word in words[4:])
    assert given == {"get", "set", "del", "eval"}


def test_the_user_is_the_only_one_and_has_to_say_its_password(declared: dict[str, Any]) -> None:
    on = in_effect(translated(), EnableCache="true")
    (group,) = of_type(on, "AWS::ElastiCache::UserGroup").values()
    (cache,) = of_type(on, "AWS::ElastiCache::ServerlessCache").values()
    assert group["UserIds"] == [{"Ref": "CacheUser"}]
    assert cache["UserGroupId"] == {"Ref": "CacheUserGroup"}
    assert {one["Engine"] for one in (declared, group, cache)} == {"valkey"}
    assert declared["AuthenticationMode"]["Type"] == "password"
    assert declared["UserName"] == NAME
    assert "NoPasswordRequired" not in declared


def test_a_valkey_knows_every_word_of_it(clients: Clients) -> None:
    user = clients.admin.acl_getuser(NAME)
    assert user["keys"] == ["~bm:*"]
    assert user["channels"] == []


def test_what_the_cache_needs_is_allowed(clients: Clients) -> None:
    user = clients.user
    assert user.set("bm:a", "1", nx=True, px=10_000)
    assert user.set("bm:a", "2", nx=True, px=10_000) is None
    assert user.get("bm:a") == b"1"
    assert user.get("bm:none") is None
    assert user.eval(NEWER, 1, "bm:a", "2", "10000") == 1
    assert user.eval(NEWER, 1, "bm:a", "2", "10000") == 0
    assert user.delete("bm:a") == 1


def test_to_connect_and_say_the_password_takes_no_right(clients: Clients) -> None:
    clients.admin.execute_command("ACL", "LOG", "RESET")
    connection = clients.user.connection_pool.make_connection()
    connection.connect()
    connection.disconnect()
    assert clients.admin.acl_log() == []


@pytest.mark.parametrize("command", REFUSED)
def test_all_else_is_refused(clients: Clients, command: str) -> None:
    with pytest.raises(NoPermissionError):
        clients.user.execute_command(*command.split())


@pytest.mark.parametrize("body", ["'INCR', 'bm:n'", "'GET', 'other'", "'FLUSHALL'", "'KEYS', '*'"])
def test_a_script_may_do_no_more_than_its_user(clients: Clients, body: str) -> None:
    with pytest.raises(ResponseError, match="ACL failure in script"):
        clients.user.eval(f"return redis.call({body})", 0)


def test_without_the_password_there_is_nothing(clients: Clients) -> None:
    with pytest.raises(AuthenticationError):
        clients.admin.execute_command("AUTH", NAME, "guessed")
