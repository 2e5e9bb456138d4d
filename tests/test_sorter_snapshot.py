"""A snapshot and what came behind it is the same controller as the whole journal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.torture.faults import mix_of, plan
from sim.torture.world import World
from sorter.app.config import load_hub
from sorter.app.segments import read
from sorter.app.torture_bench import begin
from sorter.codec import Started, Value
from sorter.controller import Controller
from sorter.flow import (
    Advised,
    BagChanged,
    Coded,
    DiskSpace,
    DockChanged,
    Effect,
    Event,
    FrameRead,
    FrameTag,
    InterceptSet,
    Mark,
    PlanOrdered,
    Room,
    WaveBegan,
)
from sorter.hub import Hub, Keeping
from sorter.snapshot import pack, parse, restored, taken_from
from tests.hubs import ON_DATE, hub
from tests.linzi import FOLDER


def alike(one: object, other: object, at: str = "controller") -> None:
    """The same in every attribute that it has or anything in it has; functions are not memory."""
    assert type(one) is type(other), at
    if one is other or callable(one) or isinstance(one, str | int | bool | Enum | None):
        assert callable(one) or one == other, f"{at}: {one!r} != {other!r}"
    elif isinstance(one, Mapping):
        assert isinstance(other, Mapping) and list(one) == list(other), (
            f"{at}: other keys, or in another order"
        )
        for key in one:
            alike(one[key], other[key], f"{at}[{key}]")
    elif isinstance(one, list | tuple):
        assert isinstance(other, list | tuple) and len(one) == len(other), at
        for n, pair in enumerate(zip(one, other, strict=True)):
            alike(*pair, f"{at}[{n}]")
    elif isinstance(one, set | frozenset):
        assert one == other, at
    else:
        for name in memory_of(one):
            alike(getattr(one, name), getattr(other, name), f"{at}.{name}")


def memory_of(thing: object) -> list[str]:
    if is_dataclass(thing):
        return [field.name for field in fields(thing)]
    return [name for name in vars(thing) if name not in ("_hub", "_layout", "_handlers")]


def trimmed(controller: Controller) -> Controller:
    """Without the parcels that have left and that only a picture without an answer still knows."""
    pictures, parcels = controller._pictures, controller._parcels
    for key, picture in pictures._taken.items():
        kept = tuple(one for one in picture.parcels if parcels.get(one.inducted.pid) is one)
        pictures._taken[key] = replace(picture, parcels=kept)
    return controller


def through_json(controller: Controller, its_hub: Hub, on_date: str = ON_DATE) -> Controller:
    text = json.dumps(pack(taken_from(controller)))
    return restored(its_hub, on_date, parse(json.loads(text)))


def goes_on_alike(its_hub: Hub, events: Sequence[Event], cuts: Sequence[int], on_date: str = ON_DATE) -> None:
    """At every cut a copy is made through text; each gives the effects of the one that saw everything."""
    whole, copies = Controller(its_hub, on_date), list[Controller]()
    for n, event in enumerate(events):
        if n in cuts:
            copies.append(through_json(whole, its_hub, on_date))
        effects = whole.handle(event)
        for copy in copies:
            assert copy.handle(event) == effects, event
            assert copy.next_wake_us() == whole.next_wake_us()
    for copy in copies:
        alike(trimmed(copy), trimmed(whole))


@cache
def tortured(seed: int) -> tuple[Hub, tuple[tuple[Started, tuple[Event, ...]], ...]]:
    """The starts in a seed's journal, each with its events."""
    world = World(seed, plan(seed, mix_of(seed)), begin)
    world.run()
    starts: list[tuple[Started, list[Event]]] = []
    for value in journal_of(world):
        if isinstance(value, Started):
            starts.append((value, []))
        elif not isinstance(value, Effect):
            starts[-1][1].append(value)
    return world.hub, tuple((started, tuple(events)) for started, events in starts)


def journal_of(world: World) -> list[Value]:
    from sim.torture.pc import FOLDER as JOURNAL

    return list(read(JOURNAL, world.disk))


@pytest.mark.parametrize("seed", [3, 35, 168, 208, 217])
def test_a_copy_made_anywhere_in_a_tortured_line_goes_on_as_the_original(seed: int) -> None:
    its_hub, starts = tortured(seed)
    chance = Random(seed)
    for started, events in starts:
        cuts = sorted(chance.randrange(len(events)) for _ in range(min(8, len(events))))
        goes_on_alike(its_hub, events, cuts, started.on_date)


@pytest.mark.full
def test_copies_of_200_tortured_lines_go_on_as_the_originals() -> None:
    for seed in range(1, 201):
        its_hub, starts = tortured(seed)
        tortured.cache_clear()
        chance = Random(seed)
        for started, events in starts:
            cuts = sorted(chance.randrange(len(events)) for _ in range(min(20, len(events))))
            goes_on_alike(its_hub, events, cuts, started.on_date)


WAYBILLS = st.sampled_from([f"JT{n:013d}" for n in range(6)] + ["\ud800", "YT1"])
TAGS = st.builds(FrameTag, st.just(0), st.integers(0, 9), st.integers(0, 9))
PLANS = [replace(hub().plan.data, version=f"p@{n}") for n in "123"]
WORDS = st.one_of(
    st.builds(Advised, st.just(1), WAYBILLS, st.just("jt"), st.sampled_from(["", "370305109200"])),
    st.builds(InterceptSet, st.just(1), WAYBILLS, st.booleans()),
    st.builds(DockChanged, st.just(1), st.sampled_from(["", "jt", "sto"])),
    st.builds(WaveBegan, st.just(1), st.sampled_from(["", "noon"])),
    st.builds(BagChanged, st.just(1), st.integers(0, 3), st.sampled_from("ab"), st.just("li")),
    st.builds(DiskSpace, st.just(1), st.sampled_from(Room), st.integers(0, 9)),
    st.builds(
        Coded, st.just(1), st.integers(0, 2), WAYBILLS, st.just(""), st.sampled_from(Mark), st.just("li")
    ),
    st.builds(FrameRead, st.just(1), TAGS, st.just(())),
    st.sampled_from([PlanOrdered(1, plan, wave) for plan in PLANS for wave in ("", "noon")]),
)


@given(st.lists(WORDS, max_size=40), st.data())
def test_whatever_people_and_systems_said_a_copy_knows_it_all(
    words: list[Event], data: st.DataObject
) -> None:
    its_hub = replace(hub(), keeping=Keeping(advice=4))
    events = [replace(word, at_us=n) for n, word in enumerate(words)]
    cuts = data.draw(st.lists(st.integers(0, max(0, len(events) - 1)), max_size=5))
    goes_on_alike(its_hub, events, cuts)


def test_a_shipped_hub_is_restored_with_its_own_plan() -> None:
    linzi = load_hub(FOLDER)
    alike(through_json(Controller(linzi, ON_DATE), linzi), Controller(linzi, ON_DATE))


def test_advice_beyond_the_limit_forgets_the_oldest_and_a_person_hears_of_it() -> None:
    controller = Controller(replace(hub(), keeping=Keeping(advice=3)), ON_DATE)
    told: list[Any] = []
    for n in (1, 2, 3, 1, 4, 5):
        told += controller.handle(Advised(n, f"JT{n:013d}", "jt", "370305109200"))
    kept = taken_from(controller).advised
    assert [advised.waybill[-1] for advised in kept] == ["1", "4", "5"], (
        "1 was told again, 2 and 3 are oldest"
    )
    assert [(notice.key, notice.about) for notice in told] == [("advice-forgotten", "1")]
