"""Frozen values, made in half the time: a run makes twenty of them for each parcel."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def made_fast(*kinds: type[Any]) -> None:
    """Give frozen data classes with slots an `__init__` that does the same and is twice as fast.

    The one of `dataclasses` asks `object.__setattr__` for each field, which searches the class's ancestors
    and then its slot; this one calls the slot. Only for classes without `__post_init__` and field factories.
    """
    for kind in kinds:
        names = [field.name for field in fields(kind)]
        assert not hasattr(kind, "__post_init__") and all(field.init for field in fields(kind))
        setters = {f"_set_{name}": kind.__dict__[name].__set__ for name in names}
        body = "; ".join(f"_set_{name}(self, {name})" for name in names)
        made: dict[str, Any] = {}
        exec(f"def __init__(self, {', '.join(names)}): {body}", setters, made)
        init, slow = made["__init__"], kind.__init__
        init.__defaults__, init.__annotations__ = slow.__defaults__, slow.__annotations__
        init.__qualname__, init.__module__ = slow.__qualname__, kind.__module__
        type.__setattr__(kind, "__init__", init)
