"""One fault file for every world, and a run that always ends: through, or in words why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.faultplan import Fault, Kind
from sorter.app.cli import main
from sorter.app.recorded import RecordedReads
from sorter.codec import Value
from sorter.flow import Inducted, PackState, ParcelRecord
from tests.shared import ROOT
from tests.test_app_demo import sorter
from tests.test_app_worlds import in_process, over_modbus
from tests.test_sim_faults_line import DRAWN, MOMENT, S, spans, story

LINZI = ROOT / "configs" / "linzi"
ONE_OF_EACH = ROOT / "configs" / "faults" / "one-of-each.yaml"


def ends(values: list[Value]) -> tuple[int, int]:
    """Parcels inducted, and those with a record."""
    inducted = [value.pid for value in values if isinstance(value, Inducted)]
    recorded = [value.pid for value in values if isinstance(value, ParcelRecord) and value.pid]
    assert sorted(inducted) == sorted(recorded)
    return len(inducted), len(recorded)


def test_one_file_with_every_trouble_of_a_line_serves_the_run_in_process_and_the_emulator(
    tmp_path: Path,
) -> None:
    struck = in_process(tmp_path / "virtual", ONE_OF_EACH)
    for values in (struck, over_modbus(tmp_path, RecordedReads(struck), ONE_OF_EACH)):
        inducted, recorded = ends(values)
        assert inducted == recorded >= 110


@pytest.mark.full
@pytest.mark.parametrize("name", ["one-of-each", "wire"])
def test_the_demo_ends_with_every_parcel_accounted_for_whatever_strikes(name: str, tmp_path: Path) -> None:
    faults = str(ROOT / "configs" / "faults" / f"{name}.yaml")
    done = sorter("demo", "--json", "--parcels", "60", "--faults", faults, cwd=tmp_path, timeout_s=500)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])["figures"]
    assert figures["conserved"]["amount"] == 1 and figures["mis-sorts"]["amount"] == 0


def test_a_line_that_nobody_will_start_again_is_given_up_and_told_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = tmp_path / "bad.yaml"
    faults.write_text(
        'name: bad\nfaults:\n  - {kind: jam, at: "00:00:10", for: 5s}\n'
        "  - {kind: e-stop, per_hour: 900, for: 5min..15min}\n"
        '  - {kind: absent-operator, at: "00:00:20", for: 99h}\n',
        encoding="utf-8",
    )
    assert main(["sim", str(LINZI), "--parcels", "60", "--faults", str(faults), "--json"]) == 1
    said = capsys.readouterr().err
    assert "没有跑完" in said and "not through: of 60 parcels 56 never came onto the line" in said
    assert "故障停机 / after 13.00 h the line is aborted" in said
    assert "急停 e-stop: 时间占比 99 %" in said and "操作员不在 absent-operator" in said


def test_an_emergency_stop_while_something_sticks_is_cleared_when_it_is_over() -> None:
    jam = Fault(Kind.JAM, spans=MOMENT, place=3, lasts_us=(5 * S, 5 * S))
    # The line is held by then; before, nobody remembered that the chain had been open, and it stood for ever.
    what = story(jam, Fault(Kind.E_STOP, spans=spans(40, 42)))
    assert PackState.ABORTED in what.states() and what.states()[-1] is PackState.EXECUTE
    assert what.verdict.inducted == len(DRAWN)
