"""Fault files: what they may say, and what a mistake in one is answered with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.faultplan import ALWAYS, Cause, Fault, FaultPlan, Kind
from sorter.app.cli import main
from sorter.app.config import load_hub
from sorter.app.fault_file import load_faults
from sorter.app.fault_schema import FORMS, KIND_OF
from sorter.app.problem_words import in_chinese
from sorter.errors import ConfigError, Problem
from tests.linzi import FOLDER
from tests.shared import ROOT

HUB = load_hub(FOLDER)
EXAMPLES = sorted((ROOT / "configs" / "faults").glob("*.yaml"))
FENGHUANG_1 = next(chute.id for chute in HUB.layout.chutes if chute.key == "fenghuang-1")
WIRE = ROOT / "configs" / "faults" / "wire.yaml"
MIN, S = 60_000_000, 1_000_000


def plan(folder: Path, *faults: str, begins: str = "00:00:00") -> FaultPlan:
    path = folder / "f.yaml"
    entries = "".join(f"\n  - {{{fault}}}" for fault in faults)
    path.write_text(f'name: f\nbegins: "{begins}"\nfaults:{entries}\n', encoding="utf-8")
    return load_faults(path, HUB)


def problems(folder: Path, *faults: str, begins: str = "00:00:00") -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        plan(folder, *faults, begins=begins)
    return caught.value.problems


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_fits_the_default_hub(path: Path) -> None:
    assert load_faults(path, HUB).name == path.stem


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path != WIRE], ids=lambda path: path.stem)
def test_every_example_runs_on_the_simulated_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", str(FOLDER), "--parcels", "200", "--faults", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["inducted"]["amount"] == 200


def test_faults_of_a_wire_are_refused_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", str(FOLDER), "--parcels", "5", "--faults", str(WIRE)]) == 2
    said = capsys.readouterr().err
    assert "wire.yaml: bad-answer, link-cut, plc-frozen, plc-reboot, second-master, slow-plc" in said
    assert "there is no wire" in said


def test_the_examples_together_show_every_kind_of_fault() -> None:
    shown = {fault.kind for path in EXAMPLES for fault in load_faults(path, HUB).faults}
    assert shown == set(Kind)


def test_every_kind_has_one_name_in_each_language_and_both_may_stand_in_a_file(tmp_path: Path) -> None:
    assert len(KIND_OF) == 2 * len(Kind) == 2 * len(FORMS)
    english = plan(tmp_path, "kind: taken-off, share: 1%")
    assert plan(tmp_path, "kind: 人工取走, share: 1%") == english


MEANT = {
    "kind: no-read, cause: torn, courier: sto, share: 2%": Fault(
        Kind.NO_READ, share_ppm=20_000, cause=Cause.TORN, courier="sto"
    ),
    "kind: misread, share: 150 ppm": Fault(Kind.MISREAD, share_ppm=150),
    "kind: jam, eye: end, per_hour: 0.5, for: 40s..3min": Fault(
        Kind.JAM, place=15, per_hour_milli=500, lasts_us=(40 * S, 3 * MIN)
    ),
    "kind: jam, eye: induct, at: '00:01:00', for: 30s": Fault(
        Kind.JAM, place=0, spans=((MIN, MIN),), lasts_us=(30 * S, 30 * S)
    ),
    "kind: belt-stop, at: ['01:00:00', '00:01:00'], for: 90s": Fault(
        Kind.BELT_STOP, spans=((MIN, 150 * S), (60 * MIN, 60 * MIN + 90 * S)), lasts_us=(90 * S, 90 * S)
    ),
    "kind: stuck-diverter, diverter: 3, side: left, told: true, per_hour: 1, for: 1h": Fault(
        Kind.STUCK_DIVERTER, place=3, side=-1, told=True, per_hour_milli=1000, lasts_us=(60 * MIN, 60 * MIN)
    ),
    "kind: chute-full, chute: fenghuang-1, per_hour: 2, for: 500ms": Fault(
        Kind.CHUTE_FULL, place=FENGHUANG_1, per_hour_milli=2000, lasts_us=(500_000, 500_000)
    ),
    "kind: slow-vision, share: 1%, delay: 1s..2s": Fault(
        Kind.SLOW_VISION, share_ppm=10_000, delay_us=(S, 2 * S)
    ),
    "kind: sliding, share: 100%, up_to_mm: 60": Fault(Kind.SLIDING, spans=ALWAYS, slide_mm=60),
}  # fmt: skip


@pytest.mark.parametrize("text", MEANT)
def test_a_fault_means_what_it_says(text: str, tmp_path: Path) -> None:
    assert plan(tmp_path, text).faults == (MEANT[text],)


def test_times_of_day_count_from_when_the_line_clock_begins(tmp_path: Path) -> None:
    [fault] = plan(tmp_path, "kind: plc-silence, at: '06:10:00', for: 2s", begins="06:00:00").faults
    assert fault.spans == ((10 * MIN, 10 * MIN + 2 * S),)


# entry: place of the finding, word of the mistake, word of the remedy; an entry begins at column 5
MISTAKES = """
kind: jamm, share: 1%, for: 1s | 4:12 | 'jamm' is not known | did you mean 'jam'
kind: jam, eyes: 3, share: 1%, for: 1s | 4:17 | unknown key 'eyes' | 'eye'
kind: jam, share: 1% | 4:12 | jam needs 'for' | add for
kind: jam, for: 1s | 4:12 | not said how often or when | share, at or per_hour
kind: jam, share: 1%, per_hour: 1, for: 1s | 4:17 | both a share and a moment | delete
kind: jam, eye: 16, share: 1%, for: 1s | 4:22 | unknown eye '16' | did you mean
kind: jam, eye: induckt, share: 1%, for: 1s | 4:22 | unknown eye 'induckt' | 'induct'
kind: failed-diverter, diverter: 14, share: 1% | 4:39 | unknown diverter '14' | did you mean
kind: chute-full, chute: fenghuang1, per_hour: 1, for: 1s | 4:31 | unknown chute 'fenghuang1' | 'fenghuang-1'
kind: no-read, courier: stoo, share: 1% | 4:30 | unknown courier 'stoo' | 'sto'
kind: no-read, cause: old-label, share: 1% | 4:28 | unknown cause 'old-label' | 'no-label'
kind: misread, cause: torn, share: 1% | 4:28 | unknown cause 'torn' | wrong-digit, old-label
kind: belt-stop, eye: 3, per_hour: 1, for: 1s | 4:23 | belt-stop has no 'eye' | at, per_hour, for
kind: belt-stop, share: 1% | 4:12 | not said how often or when | add at or per_hour
kind: belt-stop, per_hour: 1 | 4:12 | without for | add for
kind: no-read, share: 1%, for: 3s | 4:37 | for without at or per_hour | add at
kind: no-read, share: 2 | 4:28 | '2' does not have the form | 2%, 0.05%
kind: no-read, share: 101% | 4:28 | does not have the form | up to 100%
kind: no-read, share: 1%, share: 2% | 4:32 | already given at line 4 | keep one
kind: belt-stop, per_hour: 0, for: 1s | 4:33 | does not have the form | 0.001
kind: belt-stop, per_hour: 1, for: 90 | 4:41 | '90' does not have the form | 90s
kind: belt-stop, per_hour: 1, for: 3s..1s | 4:41 | ends before it begins | lesser time first
kind: belt-stop, at: '6:10:00', for: 1s | 4:27 | does not have the form | 06:10:00
kind: belt-stop, at: ['00:01:00', '00:61:00'], for: 1s | 4:40 | does not have the form | 06:10:00
kind: belt-stop, at: ['00:01:00', '00:01:30'], for: 1min | 4:27 | begins again before | shorter for
kind: belt-stop, at: '00:01:00', for: 1s..3s | 4:44 | a range for a fault at a given time | one time
kind: belt-stop, at: '00:01:00', per_hour: 1, for: 1s | 4:39 | both at and per_hour | delete one
kind: belt-slip, per_hour: 1, for: 1s, slip: 60% | 4:51 | at most 50% | for example 3%
kind: sliding, share: 1%, up_to_mm: 0 | 4:42 | out of range | 1 to 10000
kind: stuck-diverter, diverter: 1, side: up, per_hour: 1, for: 1s | 4:47 | 'up' is not known | left, straight
kind: blind-eye, at: '00:01:00', for: 1s, share: 1% | 4:23 | blind-eye has no 'at' | share
"""


@pytest.mark.parametrize("row", MISTAKES.strip().splitlines())
def test_a_planted_mistake_is_found_at_its_place_with_a_remedy(row: str, tmp_path: Path) -> None:
    entry, place, what, remedy = row.split(" | ")
    first = problems(tmp_path, entry)[0]
    assert first.where == f"{tmp_path}/f.yaml:{place}"
    assert what in first.what
    assert remedy in first.remedy
    assert in_chinese(first.what) and in_chinese(first.remedy)


def test_a_time_before_the_line_clock_begins_is_a_mistake(tmp_path: Path) -> None:
    [one] = problems(tmp_path, "kind: belt-stop, at: '05:59:59', for: 1s", begins="06:00:00")
    assert (one.where, one.what) == (f"{tmp_path}/f.yaml:4:27", "before the line clock begins, at 06:00")


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "kind: jam, share: 1%", "kind: misread, courier: x, share: 1%")
    assert [one.where.rpartition("yaml:")[2] for one in found] == ["4:12", "5:30"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"name: \xff", "not UTF-8"),
        (b"name: [", "not YAML"),
        (b"name: f\nfalts: []", "unknown key"),
    ],
)
def test_what_is_no_fault_file_is_a_problem_with_a_place(data: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_faults(path, HUB)
    assert what in caught.value.problems[0].what
    assert caught.value.problems[0].where.startswith(f"{path}:")


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_faults(tmp_path / "none.yaml", HUB)
