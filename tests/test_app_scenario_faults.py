"""`sorter sim SCENARIO --faults FILE`: the day with faults beside the day as it is, by an engine that can."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sim.faultplan import Cause, Fault, FaultPlan, Kind
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.spec import HEAP, LINE, RECURSION, spec_of
from sim.hubline.storm import with_faults
from sorter.app.cli import main
from sorter.app.scenario_file import load_plan
from sorter.app.what_if import WHAT_IF
from tests.test_app_what_if import SMALL

SECOND = 1_000_000
FULL = Fault(Kind.CHUTE_FULL, place=9, spans=((60 * SECOND, 600 * SECOND),))
UNREAD = Fault(Kind.NO_READ, share_ppm=200_000, cause=Cause.GLARE, courier="sto")
FAILED = Fault(Kind.FAILED_DIVERTER, share_ppm=20_000)
JAM = Fault(Kind.JAM, place=3, spans=((300 * SECOND,) * 2,), lasts_us=(30 * SECOND,) * 2)


def write(folder: Path, *faults: str) -> tuple[str, str]:
    """A scenario and a fault file."""
    day, storm = folder / "small.yaml", folder / "storm.yaml"
    day.write_text(SMALL.replace("parcels: 2000", "parcels: 300"), encoding="utf-8")
    rows = "".join(f"  - {{{fault}}}\n" for fault in faults)
    storm.write_text(f"name: storm\nfaults:\n{rows}", encoding="utf-8")
    return str(day), str(storm)


@pytest.fixture
def day(tmp_path: Path) -> Scenario:
    return load_plan(Path(write(tmp_path)[0])).scenario


def test_faults_that_a_day_has_of_its_own_are_said_by_every_engine(day: Scenario) -> None:
    struck = with_faults(day, FaultPlan("own", (FULL, UNREAD, FAILED)))
    assert struck.faults is None and spec_of(struck).able() == (RECURSION, HEAP, LINE)
    assert struck.closures.full == {9: [(60 * SECOND, 600 * SECOND)]}
    assert struck.traffic.failing == pytest.approx(0.02)
    flaws = {**struck.traffic.flaws, **struck.traffic.of_courier["sto"]}
    assert flaws["unread"] == 0.2 and flaws["torn"] == pytest.approx(0.8 * day.traffic.flaws["torn"])
    assert struck.traffic.flaws == day.traffic.flaws


def test_any_other_fault_is_struck_in_the_closed_loop_and_each_engine_says_why_not(day: Scenario) -> None:
    spec = spec_of(with_faults(day, FaultPlan("jam", (JAM, UNREAD))))
    assert spec.able() == (LINE,)
    assert [reason.en for reason in spec.refusals(RECURSION)] == [
        "/ only in the loop can there be jam, no-read"
    ]


def test_a_plan_without_a_fault_that_strikes_is_the_calm_day(day: Scenario) -> None:
    never = FaultPlan("never", (replace(JAM, spans=((1 << 50,) * 2,)),))
    calm, struck = HubDay(replace(day, method=LINE)), HubDay(with_faults(day, never))
    figures = {**struck.run(0).figures}
    assert figures.pop("unfinished") == 0.0
    assert figures == calm.run(0).figures


def test_the_day_with_faults_stands_beside_the_day_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, faults = write(
        tmp_path,
        'kind: jam, eye: 3, at: "06:10:00", for: 60s',
        "kind: no-read, cause: torn, share: 20%",
        'kind: chattering-eye, eye: 0, at: "06:15:00", for: 5min',
        'kind: plc-silence, at: "06:20:00", for: 5s',
    )
    assert main(["sim", path, "--faults", faults, "--json", "--no-cache"]) == 0
    told = json.loads(capsys.readouterr().out)
    struck, calm = (point["figures"] for point in told["points"])
    assert [point["name"] for point in told["points"]] == [WHAT_IF, "small"]
    assert struck["no_read_share"]["mean"] > calm["no_read_share"]["mean"] + 10
    assert struck["parcels"]["mean"] == calm["parcels"]["mean"] and struck["unfinished"]["mean"] == 0
    assert calm["loss_stopped"]["mean"] == calm["loss_jam"]["mean"] == 0
    assert struck["loss_stopped"]["mean"] > 0.1 and struck["loss_jam"]["mean"] > 1
    assert sum(one["mean"] for key, one in struck.items() if key[:5] in ("loss_", "achie")) == pytest.approx(
        100
    )


def test_a_day_on_which_nobody_starts_the_line_again_ends_and_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, faults = write(tmp_path, 'kind: e-stop, at: "06:10:00", for: 40h')
    assert main(["sim", path, "--faults", faults, "--json", "--no-cache"]) == 1
    told = capsys.readouterr()
    assert "what-if: 没有跑完" in told.err and "a line stood for 12 h" in told.err
    struck = json.loads(told.out)["points"][0]["figures"]
    assert struck["unfinished"]["mean"] + struck["parcels"]["mean"] > 290


@pytest.mark.parametrize(
    ("fault", "words", "said"),
    [
        ('kind: jam, at: "06:10:00", for: 60s', ["--engine", "plain"], "只有闭环 / only in the loop"),
        (
            'kind: jam, at: "00:10:00", for: 60s',
            [],
            "before the line clock begins, at 06:00",
        ),
        ("kind: slow-plc, share: 1%, delay: 1s", [], "there is no wire in sorter sim"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_reason(
    fault: str, words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, faults = write(tmp_path, fault)
    assert main(["sim", path, "--faults", faults, *words]) == 2
    assert said in capsys.readouterr().err
