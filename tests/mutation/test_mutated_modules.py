"""No module of the domain is left out, and the workshop's copies mean what the originals mean."""

from __future__ import annotations

from tests.mutation.workshop import MUTATED, PROJECT, called_properties


def test_every_module_of_the_domain_is_mutated() -> None:
    core = PROJECT / "layers/core/budget_monitor"
    modules = {str(path.relative_to(core)) for path in (core / "domain").glob("*.py")}
    assert modules - set(MUTATED) == {"domain/__init__.py"}
    assert all((core / name).is_file() for name in MUTATED)


def test_a_property_is_still_one_when_it_is_made_by_a_call() -> None:
    source = '''
class Account:
    """An account."""

    @property
    def name(self) -> str:
        """Its name."""
        return "acme"

    @classmethod
    def parse(cls) -> "Account":
        return cls()
'''
    rewritten = called_properties(source)
    scope: dict[str, type] = {}
    exec(rewritten, scope)  # noqa: S102 - our own text
    assert "@property" not in rewritten
    assert scope["Account"]().name == "acme"
    assert scope["Account"].name.__doc__ == "Its name."
