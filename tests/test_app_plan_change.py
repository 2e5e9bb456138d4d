"""From one plan to the next: in words, on a recorded day, in a run that goes on, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from sim.arrivals import advice, draw
from sim.virtual import VirtualLine
from sorter.app import inbox
from sorter.app.cli import main
from sorter.app.config import hub_from_files, load_hub
from sorter.app.desk import Desk, inbox_of
from sorter.app.inbox import Inbox, put
from sorter.app.journal import JournalWriter
from sorter.app.plan_day import Travelled, travelled
from sorter.app.plan_desk import activate, candidate, due_us, plans_of, roll_back
from sorter.app.plan_diff import changes
from sorter.app.plan_dry_run import dry_run
from sorter.app.plan_words import change_words, other_changes
from sorter.app.stage import recovered, started
from sorter.codec import Value
from sorter.errors import ConfigError
from sorter.flow import REJECT, Decision, Event, PlanOrdered, WaveBegan, Why
from sorter.hub import Hub, Wave
from tests.hubs import ON_DATE
from tests.linzi import FOLDER, edited, texts

HUB = load_hub(FOLDER)
EMERGENCY = FOLDER / "plans" / "emergency.yaml"


def other(old: str, new: str) -> Hub:
    return hub_from_files(edited("plan.yaml", old, new), "linzi")


@cache
def day() -> tuple[Value, ...]:
    """A recorded run of 150 parcels."""
    values: list[Value] = [started(HUB, ON_DATE)]
    drawn = draw(HUB, seed=2, count=150, per_hour=6000)
    line = VirtualLine(HUB, ON_DATE, [one.parcel for one in drawn], 2, values.append)
    line.run(advice(one.truth for one in drawn))
    return tuple(values)


def decided() -> list[Travelled]:
    return list(travelled(day()))


def said(new: Hub, named: str = "") -> list[str]:
    """Every difference in English, with the recorded parcels where the day has a name."""
    found = changes(HUB, HUB.plan, new.plan, decided() if named else ())
    lines = [change_words(HUB, change, named).en for change in found]
    return [*lines, *(text.en for text in other_changes(HUB, HUB.plan, new.plan))]


# ---------------------------------------------------------------- in words


def test_a_town_on_another_chute_is_told_with_its_villages_and_yesterdays_parcels() -> None:
    new = other("to: [jinshan]", "to: [spare-1]")
    told = sum(one.decision.rule == "jinshan" for one in decided())
    assert told > 5
    line = f"金山镇 (standard, produce): chute 4 -> 26; 52 villages; {told} parcels of yesterday"
    assert said(new, "yesterday") == [line]
    [change] = changes(HUB, HUB.plan, new.plan, decided())
    text = change_words(HUB, change, "yesterday")
    assert text.zh == f"金山镇（普通、农产品）：格口 4 -> 26；52 个村居；昨日 {told} 件"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("to: [zhutai-1, zhutai-2], balance: true", "to: [zhutai-2]",
         "朱台镇 (standard, produce): chute 1 + 3 -> 3; 57 villages"),
        ("to: [qidu]", "to: [qidu], overflow: [spare-1]",
         "齐都镇 (standard, produce): chute 5 -> 5 (then 26); 50 villages"),
        ("  - {id: qidu,", 
         "  - {id: one, towns: [齐都镇], couriers: [jt, sf], to: [spare-1]}\n  - {id: qidu,",
         "齐都镇 (J&T Express, SF Express) (standard, produce): chute 5 -> 26; 50 villages"),
        ("  - {id: qidu,", "  - {id: one, villages: [齐都镇/国家村委会], to: [spare-1]}\n  - {id: qidu,",
         "齐都镇 国家村委会 (standard, produce): chute 5 -> 26; 1 village"),
        ("services: [emergency], to: [emergency]", "services: [emergency], to: [spare-1]",
         "every town (emergency): chute 22 -> 26; 468 villages"),
        ("couriers: [sf], to: [up-sf]", "couriers: [sf], to: [up-post]",
         "any place (upstream) (SF Express) (standard, produce): chute 19 -> 20"),
        ("intercepted: security", "intercepted: manual", "the waybill is to be held: chute 24 -> chute 25"),
        ("name: linzi-daily", "name: linzi-daily\ndefaults: {jt: 凤凰镇}",
         "极兔速递 J&T Express, default place: - -> 凤凰镇"),
    ],
)  # fmt: skip
def test_what_changes_is_told_and_nothing_else(old: str, new: str, line: str) -> None:
    assert line in said(other(old, new))
    assert len(said(other(old, new))) <= 2


def test_a_plan_that_is_only_written_otherwise_has_no_difference() -> None:
    same = other("  - {id: cold-chain,", "  # a remark\n  - {id: cold,")
    assert said(same) == []


def test_every_parcel_that_changes_is_counted_once() -> None:
    new = candidate(HUB, FOLDER / "plans" / "fenghuang-villages.yaml")
    counted = sum(change.parcels for change in changes(HUB, HUB.plan, new, decided()))
    items = [(one.item(HUB.plan, HUB.network), one.item(new, HUB.network)) for one in decided()]
    ways = [(HUB.plan.ruling(old), new.ruling(then)) for old, then in items if old and then]
    moved = sum((a.chutes if a else ()) != (b.chutes if b else ()) for a, b in ways)
    assert counted == moved > 50


# ---------------------------------------------------------------- on a recorded day


def test_the_days_own_plan_moves_nothing_and_loads_the_chutes_as_it_did() -> None:
    found = dry_run(HUB, HUB.plan, HUB.plan, decided(), ON_DATE)
    assert (found.moved, found.parcels) == ({}, len(decided()))
    did: dict[int, int] = {}
    for one in decided():
        did[one.decision.chute] = did.get(one.decision.chute, 0) + 1
    assert found.old.loads == found.new.loads == did


def test_another_plan_moves_what_it_says_and_what_it_does_not_know_rides_to_the_end() -> None:
    new = other("to: [jinshan]", "to: [spare-1]").plan
    found = dry_run(HUB, HUB.plan, new, decided())
    assert found.moved == {(4, 26): found.old.loads[4]}
    only = candidate(HUB, FOLDER / "plans" / "fenghuang-villages.yaml")
    found = dry_run(HUB, HUB.plan, only, decided())
    assert found.new.whys[Why.NO_RULE] > found.old.whys[Why.NO_RULE]
    assert found.old.loads.total() == found.new.loads.total() == found.parcels
    assert found.old.loads[REJECT] == found.new.loads[REJECT]


# ---------------------------------------------------------------- in a run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has begun."""
    keep(tmp_path, [started(HUB, ON_DATE)])
    return tmp_path


def keep(run: Path, values: list[Value]) -> None:
    writer = JournalWriter(run / "journal")
    for value in values:
        writer.append(value)
    assert writer.close()


def obeyed(run: Path) -> list[Event]:
    """What a controller of this run takes from the inbox now; it is in the journal afterwards."""
    box = Inbox(inbox_of(run))
    events = [order(7) for order in box.take()]
    keep(run, list(events))
    box.stored()
    return events


def test_a_plan_is_ordered_obeyed_and_rolled_back_and_the_history_says_by_whom(run: Path) -> None:
    plan = activate(run, EMERGENCY, by="li")
    assert plans_of(run).plan == HUB.plan
    assert obeyed(run) == [PlanOrdered(7, plan.data, "", "li")]
    assert (plans_of(run).plan, plans_of(run).earlier) == (plan, (HUB.plan.version,))
    assert roll_back(run, by="wang") == plan.version
    obeyed(run)
    found = plans_of(run)
    assert (found.plan, found.earlier, roll_back(run)) == (HUB.plan, (), "")
    assert [(step.key, step.by) for step in found.history] == [
        ("plan-in-force", ""), ("plan-in-force", "li"), ("plan-rolled-back", "wang"),
    ]  # fmt: skip


def test_a_restarted_controller_sorts_by_the_plan_that_was_activated(run: Path) -> None:
    plan = activate(run, EMERGENCY)
    events = obeyed(run)
    journal: list[Value] = [started(HUB, ON_DATE), *events, *day()[1:60]]
    past = recovered(HUB, journal, ON_DATE)
    effects = [effect for value in day()[60:] for effect in tell(past.controller, value)]
    assert {one.plan_version for one in effects if isinstance(one, Decision)} == {plan.version}


def tell(controller: object, value: Value) -> Iterator[Value]:
    if isinstance(value, Event):
        yield from controller.handle(value)  # type: ignore[attr-defined]


def test_a_plan_for_a_time_waits_on_disk_and_is_withdrawn_first(run: Path) -> None:
    now = datetime.now()
    at_us = round(now.timestamp() * 1e6) + 3_600_000_000
    plan = activate(run, EMERGENCY, at_us=at_us)
    assert obeyed(run) == []
    assert plans_of(run).scheduled == ((at_us, plan.version),)
    assert roll_back(run) == plan.version
    assert plans_of(run).scheduled == ()
    path = put(inbox_of(run), PlanOrdered(0, plan.data), at_us)
    os.rename(path, path.with_name(f"{round(now.timestamp() * 1e6) - 1:020d}-1-1.order"))
    assert [type(event) for event in obeyed(run)] == [PlanOrdered]


def test_a_plan_for_a_wave_is_in_force_when_it_begins(run: Path) -> None:
    plan = activate(run, EMERGENCY, wave="noon")
    obeyed(run)
    assert plans_of(run).waiting == {"noon": plan.version}
    keep(run, [WaveBegan(9, "noon")])
    assert (plans_of(run).plan, plans_of(run).wave) == (plan, "noon")
    with pytest.raises(ConfigError, match="no wave 'midnight'"):
        activate(run, EMERGENCY, wave="midnight")


def test_a_wrong_plan_is_refused_with_its_own_file_and_nothing_is_ordered(run: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(texts()["plan.yaml"].replace("[jinshan]", "[jinshn]"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        activate(run, wrong)
    [problem] = caught.value.problems
    assert problem.where == f"{wrong}:18:58"
    assert inbox.waiting(inbox_of(run)) == []


def test_the_desk_tells_each_wave_once_as_the_day_goes_on(tmp_path: Path) -> None:
    clocks = iter(["04:29", "04:30", "08:29", "08:30", "23:00", "02:00", "05:00"])
    waves = (Wave("morning", "04:30", "08:30"), Wave("night", "22:00", "03:00"))
    desk = Desk(tmp_path, waves, lambda: next(clocks))
    told = [[order(1) for order in desk.orders()] for _ in range(7)]
    names = ["", "morning", None, "", "night", None, "morning"]
    assert told == [[] if name is None else [WaveBegan(1, name)] for name in names]


@pytest.mark.parametrize(
    ("text", "hours"), [("04:30", 20.5), ("08:30", 0.5), ("2026-11-29T04:30", 20.5), ("08:00", 24)]
)
def test_a_time_is_the_next_one_of_that_name(text: str, hours: float) -> None:
    now = datetime(2026, 11, 28, 8, 0)
    assert due_us(text, now) == round((now.timestamp() + hours * 3600) * 1e6)


@pytest.mark.parametrize("text", ["25:00", "soon", "2026-11-28T07:59", "4"])
def test_what_is_no_time_to_come_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        due_us(text, datetime(2026, 11, 28, 8, 0))


# ---------------------------------------------------------------- the commands


def test_the_commands_say_what_they_do(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(run, list(day()[1:]))
    plan, where = str(EMERGENCY), ("--run", str(run))
    own = str(FOLDER / "plan.yaml")
    assert main(["plan", "diff", own, plan, "--journal", str(run)]) == 1
    assert "parcels of yesterday" in capsys.readouterr().out
    assert main(["plan", "diff", own, own]) == 0
    assert main(["plan", "dry-run", plan, "--journal", str(run)]) == 0
    assert "150 件中" in capsys.readouterr().out
    for words in (["--now"], ["--wave", "noon"], ["--at", "04:30"]):
        assert main(["plan", "activate", plan, *where, *words]) == 0
    told = capsys.readouterr().out
    assert "04:30 启用" in told and "no controller runs" in told
    assert main(["plan", "rollback", *where]) == 0
    obeyed(run)
    assert main(["plan", "history", *where]) == 0
    assert "is in force" in capsys.readouterr().out
    assert main(["plan", "activate", plan, *where, "--at", "yesterday"]) == 2
    assert "不是将来的时刻" in capsys.readouterr().err
