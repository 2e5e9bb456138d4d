"""What the compiler gets is the same module: values with the same fields, hints, texts and pickles."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import pytest

import sorter.flow
import sorter.layout
from sorter.app.config import load_hub
from sorter.app.native_values import written_out

LINZI = Path("configs/linzi")


@pytest.fixture
def rewritten(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The module as it is written out for the compiler, under another name."""
    source: ModuleType = request.param
    module = ModuleType(f"{source.__name__}_written_out")
    sys.modules[module.__name__] = module
    exec(written_out(Path(str(source.__file__)).read_text(encoding="utf-8")), module.__dict__)
    yield module
    del sys.modules[module.__name__]


def kinds(module: ModuleType) -> dict[str, Any]:
    """Its own data classes."""
    found = vars(module).items()
    return {name: kind for name, kind in found if isinstance(kind, type) and is_dataclass(kind)}


@pytest.mark.parametrize("rewritten", [sorter.flow], indirect=True)
def test_a_value_written_out_has_the_fields_defaults_and_hints_of_the_source(rewritten: ModuleType) -> None:
    source = kinds(sorter.flow)
    assert kinds(rewritten).keys() == source.keys()
    for name, kind in kinds(rewritten).items():
        assert [(one.name, one.type, one.default) for one in fields(kind)] == [
            (one.name, one.type, kind_of(one.default, rewritten)) for one in fields(source[name])
        ]
        assert parameters(kind) == parameters(source[name])
        assert get_type_hints(kind).keys() == get_type_hints(source[name]).keys()


def parameters(kind: Any) -> list[tuple[str, str]]:
    """Names and defaults, as text, of what makes a value."""
    return [(one.name, repr(one.default)) for one in signature(kind).parameters.values()]


def kind_of(value: object, module: ModuleType) -> object:
    """The same value of the other module's class."""
    kind = getattr(module, type(value).__name__, None)
    if kind is None or not is_dataclass(value):
        return value
    return kind(*(getattr(value, one.name) for one in fields(value)))


@pytest.mark.parametrize("rewritten", [sorter.flow], indirect=True)
def test_a_value_written_out_is_equal_hashed_told_and_pickled_by_its_fields(rewritten: ModuleType) -> None:
    one, same = rewritten.FrameTag(1, 2, 3), rewritten.FrameTag(1, frame=2, encoder=3)
    assert one == same and hash(one) == hash(same) and one != replace(one, frame=4)
    assert repr(one) == repr(sorter.flow.FrameTag(1, 2, 3))
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize("rewritten", [sorter.layout], indirect=True)
def test_what_is_worked_out_once_is_kept(rewritten: ModuleType) -> None:
    layout = load_hub(LINZI).layout
    same = rewritten.Layout(*(getattr(layout, one.name) for one in fields(layout)))
    assert same.crc == layout.crc and same.eyes_mm == layout.eyes_mm
    assert same.eyes_mm is same.eyes_mm


def test_a_class_that_is_no_plain_data_class_stays_as_it_is() -> None:
    source = "class A:\n    x: int = 1\n\n\n@dataclass(order=True)\nclass B(A):\n    y: int\n"
    assert written_out(source) == source


def test_a_factory_makes_a_list_of_its_own_for_each_value() -> None:
    source = (
        "from __future__ import annotations\n"
        "from dataclasses import dataclass, field\n"
        "@dataclass(slots=True, eq=False)\n"
        "class Bag:\n"
        "    parcels: list[int] = field(default_factory=lambda: [7])\n"
    )
    made: dict[str, Any] = {"__name__": __name__}
    exec(written_out(source), made)
    one, other = made["Bag"](), made["Bag"]()
    one.parcels.append(8)
    assert (one.parcels, other.parcels, made["Bag"]([]).parcels) == ([7, 8], [7], [])


def test_a_named_tuple_is_written_out_where_it_is_read_by_name_only() -> None:
    source = (
        "from __future__ import annotations\n"
        "from typing import NamedTuple\n"
        "LIMIT = 3\n"
        "class Wish(NamedTuple):\n"
        "    chute: int\n"
        "    mode: int = LIMIT\n"
    )
    made: dict[str, Any] = {"__name__": __name__}
    exec(written_out(source, tuples=True), made)
    wish = made["Wish"](7)
    assert (wish.chute, wish.mode, wish._replace(mode=1)) == (7, 3, made["Wish"](7, 1))
    assert not isinstance(wish, tuple)
    assert "class Wish(NamedTuple)" in written_out(source)
    assert "LIMIT: _typing.Final = 3" in written_out(source)
