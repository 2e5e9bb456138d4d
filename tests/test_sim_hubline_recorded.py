"""Recorded parcels in place of drawn ones: the same line, the same rulings, by recursion and in the loop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.arrivals import Drawn, advice, draw_traffic, replayed, told_latency
from sim.hubline.engine import Engine
from sim.hubline.recorded import Recorded
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.traffic import Flow, Traffic
from sim.virtual import VirtualLine
from sorter.app.parcels_file import COLUMNS, read_parcels_table
from sorter.app.parcels_recorded import FIRST_US, parcels_of_journal
from sorter.codec import Value
from sorter.flow import Direction, ParcelRecord, Why
from tests.hubs import ON_DATE, hub
from tests.worlds import by_recursion, in_the_loop, recorded_by_recursion, traffic_at

HUB = hub(capacity=6)
TRAFFIC = traffic_at(7000, 140)
FLAWS = {"no-label": 0.03, "several-waybills": 0.03, "not-advised": 0.03, "held": 0.03}


def written(drawn: list[Drawn]) -> str:
    """Drawn parcels as a table."""
    rows = [",".join(COLUMNS)]
    for one in drawn:
        parcel, truth = one.parcel, one.truth
        place = truth.place if truth.direction is Direction.DOWN else ""
        rows.append(
            f"{parcel.arr_us},{parcel.length_mm},{truth.courier},{place},{truth.waybill},"
            f"{truth.direction.value},{truth.service.value},{truth.flaw},{one.latency_us}"
        )
    return "\n".join(rows) + "\n"


def table(folder: Path, text: str) -> tuple[Recorded, ...]:
    path = folder / "parcels.csv"
    path.write_text(text, encoding="utf-8")
    return read_parcels_table(path, HUB)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_table_of_drawn_parcels_fares_as_they_do_in_the_loop_and_in_the_recursion(
    seed: int, tmp_path: Path
) -> None:
    traffic = replace(TRAFFIC, flaws=FLAWS)
    parcels = table(tmp_path, written(draw_traffic(HUB, traffic, seed, 0, 120)))
    rows = recorded_by_recursion(HUB, parcels, "plain")
    assert rows == by_recursion(HUB, traffic, seed, 120, "plain")[: len(rows)]
    assert rows == in_the_loop(HUB, traffic, seed, 120)
    assert len({row[-1] for row in rows}) >= 5


def in_process(drawn: list[Drawn]) -> list[Value]:
    """What a run leaves in its journal."""
    kept: list[Value] = []
    parcels = [one.parcel for one in drawn]
    line = VirtualLine(HUB, ON_DATE, parcels, 1, kept.append, latency_us=told_latency(drawn))
    line.run(advice(one.truth for one in drawn))
    return kept


def fates(values: list[Value]) -> list[tuple[object, ...]]:
    records = [value for value in values if isinstance(value, ParcelRecord)]
    return [(r.waybill, r.told, r.left, r.why) for r in sorted(records, key=lambda r: r.seen_us)]


def test_what_a_journal_tells_runs_again_to_the_same_chutes_for_the_same_reasons() -> None:
    kept = in_process(draw_traffic(HUB, replace(TRAFFIC, flaws=FLAWS), 4, 0, 120))
    parcels = parcels_of_journal(kept, HUB, Path("journal"))
    assert (len(parcels), parcels[0].arr_us) == (120, FIRST_US)
    assert all(60_000 <= parcel.latency_us <= 180_000 for parcel in parcels)
    again = in_process(replayed(HUB, parcels, 1))
    # A read that gave no single waybill has none in its record; where it went and why is the same.
    assert [fate[1:] for fate in fates(again)] == [fate[1:] for fate in fates(kept)]
    rows = recorded_by_recursion(HUB, parcels, "plain")
    assert len({row[-1] for row in rows}) >= 4
    told = [-1 if fate[1] == 0xFFFF else fate[1] for fate in fates(kept)]
    assert [row[4] for row in rows] == told


def a_day(parcels: tuple[Recorded, ...], **changes: object) -> Scenario:
    until = parcels[-1].arr_us + 1
    traffic = Traffic((Flow(0, until, 1.0),))
    day = Scenario("day", "", "", HUB, ON_DATE, traffic, until, recorded=parcels, engine=Engine("plain"))
    return replace(day, **changes)  # type: ignore[arg-type]


def test_lines_take_recorded_parcels_in_turn_and_none_is_lost(tmp_path: Path) -> None:
    drawn = draw_traffic(HUB, TRAFFIC, 5, 0, 99)
    day = a_day(table(tmp_path, written(drawn)))
    one, two = (HubDay(replace(day, lines=lines)).run(0).figures for lines in (1, 2))
    assert one["parcels"] == two["parcels"] == day.parcels == 99
    assert two["wait_mean_s"] < one["wait_mean_s"]


def test_a_recorded_day_is_the_same_again_but_for_what_nobody_recorded(tmp_path: Path) -> None:
    text = written(draw_traffic(HUB, TRAFFIC, 6, 0, 60))
    day = a_day(table(tmp_path, text))
    assert not day.is_drawn
    assert HubDay(day).run(0) == HubDay(day).run(1)
    short = "\n".join(line.rpartition(",")[0] for line in text.splitlines())
    slow = replace(TRAFFIC, vision_us=(60_000, 3_000_000))
    untimed = a_day(table(tmp_path, short), traffic=slow)
    assert untimed.is_drawn and replace(day, traffic=replace(TRAFFIC, failing=0.1)).is_drawn
    assert HubDay(untimed).run(0) != HubDay(untimed).run(1)
    assert HubDay(untimed).key != HubDay(day).key


def test_compiled_and_plain_agree_on_recorded_parcels(tmp_path: Path) -> None:
    drawn = table(tmp_path, written(draw_traffic(HUB, TRAFFIC, 7, 0, 130)))
    parcels = [replace(drawn[n % 130], arr_us=450_000 * n) for n in range(1300)]
    plain, batch = (recorded_by_recursion(HUB, parcels, engine) for engine in ("plain", "batch"))
    assert plain == batch
    assert (len(plain), {row[0] for row in plain}) == (1300, set(range(1300)))


def test_a_reason_stands_behind_every_flaw_of_a_table(tmp_path: Path) -> None:
    flaws = ("", "no-label", "torn", "tiny", "unread", "several-waybills", "not-advised", "held")
    head = "arr_us,length_mm,courier,place,flaw\n"
    parcels = table(tmp_path, head + "".join(f"{n}000000,300,sf,3703051002{n:02},{f}\n".replace(
        f"3703051002{n:02}", "370305100200") for n, f in enumerate(flaws)))  # fmt: skip
    whys = [list(Why)[row[-1]] for row in recorded_by_recursion(HUB, parcels, "plain")]
    assert whys == [
        Why.ROUTED, *[Why.NO_CODE] * 4, Why.SEVERAL_WAYBILLS, Why.NO_ADVICE, Why.INTERCEPTED,
    ]  # fmt: skip
