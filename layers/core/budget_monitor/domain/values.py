"""Dataclasses that take a third of the time to define and to create.

A function starts with more than a hundred of them. Python's own decorator compiles six methods for
each frozen class, and creates its objects field by field through `object.__setattr__`.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - the type checker's view
else:
    import dataclasses

    def dataclass(*, frozen: bool = False, slots: bool = False) -> Callable[[type], type]:
        """Return the decorator of a class of values, compared and hashed by their fields.

        Only the constructor is compiled. mypy refuses to assign to a field of a frozen class;
        nothing does at run time.
        """

        def define(cls: type) -> type:
            own = vars(cls)
            defined = dataclasses.dataclass(repr=False, eq=False, slots=slots)(cls)
            for name, method in _methods(dataclasses.fields(defined)).items():
                if name not in own:
                    setattr(defined, name, method)
            return defined

        return define if frozen else dataclasses.dataclass(slots=slots)


def _methods(fields: tuple[Any, ...]) -> dict[str, Any]:
    """Return `__eq__`, `__hash__` and `__repr__` of a class with these fields."""
    shown = [one.name for one in fields if one.repr]
    compared = [one.name for one in fields if one.compare]
    values = attrgetter(*compared) if compared else type

    def __eq__(self: object, other: object) -> bool:  # noqa: N807 - set on the class
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(values(self) == values(other))

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(values(self))

    def __repr__(self: object) -> str:  # noqa: N807
        said = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({said})"

    return {one.__name__: one for one in (__eq__, __hash__, __repr__)}
