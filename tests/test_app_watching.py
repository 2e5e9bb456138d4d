"""A chosen minute, watched: what is shown is the run, and looking changes nothing."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sim.arrivals import advice, draw
from sim.hubline.loop import Words
from sim.virtual import Keep, Run, VirtualLine
from sorter.app.cmd_scenario import add_options, run_scenario
from sorter.app.moment import MINUTE_US
from sorter.app.watch_page import watch_page
from sorter.app.watching import EVERY_US, Watched, add_watching, show, told, watched
from sorter.errors import SorterError
from sorter.flow import Decision, Effect, Event, Inducted, Outcome, ParcelRecord
from tests.hubs import ON_DATE, hub
from tests.linzi import FOLDER

HUB = hub()
DRAWN = draw(HUB, seed=2, count=150, per_hour=6000)
FROM_US = 20_000_000
SCENARIO = f"""
name: small
zh: 小样
en: A small morning
hub: {FOLDER}
date: 2026-06-18
waves: [{{from: "06:00", to: "06:02", per_hour: 5000}}]
"""


def line(keep: Keep = lambda value: None) -> tuple[VirtualLine, Words]:
    parcels = [one.parcel for one in DRAWN]
    return VirtualLine(HUB, ON_DATE, parcels, 1, keep), (advice(one.truth for one in DRAWN), ())


@cache
def minute() -> Watched:
    return watched(HUB, line, FROM_US, zero_us=5 * 3600 * 1_000_000)


@cache
def whole() -> tuple[Run, tuple[tuple[int, Event | Effect], ...]]:
    """The run that nobody looks at, and what was kept, each with the instant of its poll."""
    kept: list[tuple[int, Event | Effect]] = []
    made, words = line(lambda value: kept.append((made._env.now_us, value)))
    return made.run(*words), tuple(kept)


def test_every_picture_tells_what_had_happened_by_then() -> None:
    _, kept = whole()
    moments = minute().moments
    assert [now.line_us for now in moments] == list(range(FROM_US, FROM_US + MINUTE_US + 1, EVERY_US))
    for now in moments[::40]:
        before = [value for at_us, value in kept if at_us <= now.line_us]
        assert now.inducted == sum(isinstance(value, Inducted) for value in before)
        records = [value for value in before if isinstance(value, ParcelRecord)]
        assert now.sorted == sum(record.outcome is Outcome.SORTED for record in records)
        decided = {value.pid for value in before if isinstance(value, Decision)}
        assert {spot.pid for spot in now.spots if spot.decision} <= decided


def test_parcels_move_with_the_belt_from_picture_to_picture() -> None:
    first, then = minute().moments[:2]
    places = {spot.pid: spot.place_mm for spot in first.spots}
    moved = {spot.place_mm - places[spot.pid] for spot in then.spots if spot.pid in places}
    assert moved and all(abs(way_mm - 400) <= 1 for way_mm in moved)  # 1600 mm/s for 250 ms


def test_looking_changes_nothing() -> None:
    run, _ = whole()
    made, words = line()
    for at_us in range(0, 90_000_000, 70_001):
        made.look_at(at_us, lambda at, encoder: None)
    seen = made.run(*words)
    assert (seen.records, seen.left) == (run.records, run.left)


def test_a_time_when_the_line_is_empty_is_refused() -> None:
    with pytest.raises(SorterError, match="the last parcel is off before 1:00:00"):
        watched(HUB, line, 3600 * 1_000_000)


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    values: dict[str, object] = json.loads(found[1])
    return values


def test_the_page_holds_every_picture_and_needs_nothing_from_outside() -> None:
    page = watch_page(minute())
    data = data_of(page)
    frames = data["frames"]
    assert isinstance(frames, list)
    assert [len(frame["spots"]) for frame in frames] == [len(now.spots) for now in minute().moments]
    assert frames[0]["words"].startswith("5:00:20")
    assert data["end_mm"] == HUB.layout.end_mm
    outside = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"\w+://|@import|src=|href=|innerHTML", outside)


def test_no_text_from_outside_leaves_the_data_of_the_page() -> None:
    hostile = "</script><script>alert(1)</script>"
    chutes = tuple(replace(chute, name_en=hostile) for chute in HUB.layout.chutes)
    odd = replace(HUB, name=hostile, layout=replace(HUB.layout, chutes=chutes))
    page = watch_page(replace(minute(), hub=odd))
    assert page.count("</script>") == 2
    assert hostile in str(data_of(page)["chutes"])


def test_where_there_is_no_terminal_a_picture_is_printed_for_every_ten_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = argparse.ArgumentParser()
    add_watching(parser)
    assert show(minute(), parser.parse_args([])) == 0
    said = capsys.readouterr().out
    assert re.findall(r"^5:\d\d:\d\d", said, re.MULTILINE) == [
        told(5 * 3600 * 1_000_000 + at) for at in range(FROM_US, FROM_US + MINUTE_US + 1, 10_000_000)
    ]


def command(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    add_options(parser)
    add_watching(parser)
    return parser.parse_args([str(word) for word in words])


def test_a_scenario_is_watched_by_the_time_of_its_day_and_tells_one_parcel_s_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, page = tmp_path / "small.yaml", tmp_path / "minute.html"
    path.write_text(SCENARIO, encoding="utf-8")
    assert run_scenario(command(path, "--watch", "06:00:30", "--watch-page", page)) == 0
    assert "6:00:30" in page.read_text(encoding="utf-8")
    with pytest.raises(SorterError, match="the scenario begins at 6:00:00"):
        run_scenario(command(path, "--watch", "05:00"))
    ways = []
    for engine in ("plain", "line"):
        assert run_scenario(command(path, "--parcel", "1/40", "--engine", engine)) == 0
        ways.append(capsys.readouterr().out)
    assert ways[0] == ways[1]
    assert re.search(r"包裹 parcel 40: .*\n  06:00:\d\d\.\d{3}  到件 offered", ways[0])
    with pytest.raises(SorterError, match=r"line 1 has \d+ parcels on this day"):
        run_scenario(command(path, "--parcel", 100_000))
    with pytest.raises(SorterError, match="there are 1 lines"):
        run_scenario(command(path, "--parcel", "2/1"))


def test_what_the_closed_loop_cannot_say_cannot_be_watched(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SCENARIO + 'stops: [{from: "06:01", to: "06:01:10"}]', encoding="utf-8")
    with pytest.raises(SorterError, match="belt stops at set instants"):
        run_scenario(command(path, "--watch", "06:00:30"))
