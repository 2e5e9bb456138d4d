"""What a journal leaves behind for the controller that comes after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sorter.app.config import load_hub
from sorter.app.journal import JournalWriter
from sorter.app.stage import recover, started
from sorter.codec import Value
from sorter.flow import (
    REJECT,
    ConfigChanged,
    Decision,
    Event,
    Inducted,
    Left,
    LinkUp,
    PackState,
    ParcelRecord,
    PlanOrdered,
    PlanRolledBack,
    Rebooted,
    Result,
    Taken,
    Triggered,
    Why,
)
from tests.hubs import ON_DATE
from tests.shared import ROOT

HUB = load_hub(ROOT / "configs" / "linzi")
OTHER = replace(HUB, files={**HUB.files, "plan.yaml": HUB.files["plan.yaml"] + "# another day\n"})
SEEN: list[Event] = [
    LinkUp(0, 1, 5, PackState.EXECUTE), Inducted(1000, 1 << 24 | 1, 300, 1000), Taken(1000, 1, 4),
]  # fmt: skip


def journal(folder: Path, *values: Value) -> Path:
    writer = JournalWriter(folder)
    for value in values:
        writer.append(value)
    assert writer.close()
    return folder


def test_without_a_journal_a_controller_begins(tmp_path: Path) -> None:
    past = recover(HUB, tmp_path / "none", ON_DATE)
    assert (past.known, past.tail, past.missing) == (0, None, ())


def test_the_controller_knows_what_its_predecessor_knew(tmp_path: Path) -> None:
    past = recover(HUB, journal(tmp_path, started(HUB, ON_DATE), *SEEN), ON_DATE)
    assert (past.known, past.controller.open_parcels) == (3, 1)
    assert past.tail == Taken(1000, 1, 4)


def test_plc_events_behind_the_last_number_are_counted(tmp_path: Path) -> None:
    torn = Triggered(2000, 0, 1, 3000)
    past = recover(HUB, journal(tmp_path, started(HUB, ON_DATE), *SEEN, torn), ON_DATE)
    assert past.tail == Taken(1000, 1, 5)


def test_the_first_events_of_a_boot_are_counted_though_no_number_stands_behind_them(tmp_path: Path) -> None:
    torn = Triggered(2000, 0, 1, 3000)
    linked = journal(
        tmp_path / "linked", started(HUB, ON_DATE), *SEEN, LinkUp(2, 2, 6, PackState.STOPPED), torn
    )
    booted = journal(tmp_path / "booted", started(HUB, ON_DATE), *SEEN, Rebooted(2, 2), torn, torn)
    first = journal(tmp_path / "first", started(HUB, ON_DATE), *SEEN[:2])
    tails = [recover(HUB, folder, ON_DATE).tail for folder in (linked, booted, first)]
    assert tails == [Taken(2, 2, 1), Taken(2, 2, 2), Taken(0, 1, 1)]


def test_effects_that_a_crash_kept_from_the_disk_are_written_by_the_next_start(tmp_path: Path) -> None:
    left = Left(9000, 1 << 24 | 1, Result.UNASSIGNED, REJECT, 5000)
    past = recover(HUB, journal(tmp_path, started(HUB, ON_DATE), *SEEN, left), ON_DATE)
    [record] = past.missing
    assert isinstance(record, ParcelRecord)
    assert record.why is Why.VISION_SILENT


def test_a_changed_configuration_ends_the_parcels_of_the_old_one(tmp_path: Path) -> None:
    past = recover(OTHER, journal(tmp_path, started(HUB, ON_DATE), *SEEN), ON_DATE)
    assert past.known == 0
    assert past.tail == Taken(1000, 1, 4)
    changed, record = past.missing
    assert isinstance(changed, ConfigChanged)
    assert isinstance(record, ParcelRecord)
    assert record.why is Why.RESTARTED
    assert not any(isinstance(value, Decision) for value in past.missing)


def ordered(version: str, wave: str = "") -> PlanOrdered:
    return PlanOrdered(2000, replace(HUB.plan.data, version=version), wave, "chen")


WIDER = replace(HUB, files={**HUB.files, "cameras.yaml": HUB.files["cameras.yaml"] + "# a note\n"})


def test_a_plan_put_in_force_survives_a_restart_and_so_does_its_roll_back(tmp_path: Path) -> None:
    values: list[Value] = [started(HUB, ON_DATE), ordered("one"), ordered("two")]
    past = recover(HUB, journal(tmp_path / "two", *values), ON_DATE)
    assert (past.controller._rulings.version, past.plans) == ("two", ())
    back = [*values, PlanRolledBack(3000, "two", "chen")]
    assert recover(HUB, journal(tmp_path / "one", *back), ON_DATE).controller._rulings.version == "one"


def test_a_plan_put_in_force_outlives_a_change_of_another_file(tmp_path: Path) -> None:
    """Also when the start with the other files was written and the power failed before the plan was."""
    values: list[Value] = [started(HUB, ON_DATE), ordered("one"), ordered("later", "morning")]
    told = [(one.plan.version, one.wave) for one in recover(WIDER, journal(tmp_path, *values), ON_DATE).plans]
    assert told == [("one", ""), ("later", "morning")]
    again = recover(WIDER, journal(tmp_path / "torn", *values, started(WIDER, ON_DATE)), ON_DATE)
    assert [(one.plan.version, one.wave) for one in again.plans] == told
    whole = [*values, started(WIDER, ON_DATE), *again.plans]
    past = recover(WIDER, journal(tmp_path / "whole", *whole), ON_DATE)
    assert (past.controller._rulings.version, past.plans) == ("one", ())


def test_the_engineers_own_new_plan_or_other_chutes_win_over_what_was_in_force(tmp_path: Path) -> None:
    folder = journal(tmp_path, started(HUB, ON_DATE), ordered("one"))
    assert recover(OTHER, folder, ON_DATE).plans == ()
    chutes = tuple(replace(one, key=f"{one.key}-new") for one in HUB.layout.chutes)
    moved = replace(WIDER, layout=replace(HUB.layout, chutes=chutes))
    assert recover(moved, folder, ON_DATE).plans == ()
