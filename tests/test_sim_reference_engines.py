"""The reference line: four engines, and idiomatic SimPy beside them, agree to the microsecond."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings

from benchmarks import idiomatic
from sim.reference.engines import ENGINES, WORTH_COMPILING, Engine, engine_for, simulate, timed
from sim.reference.files import read_reference
from sim.reference.outcomes import MISSES, NO_READ_OUT, REJECTED, SORTED, Outcomes
from sim.reference.spec import LineSpec, Parcels
from tests.reference_made import CALM, CASES, case_id, lines, parcels_of
from tests.shared import ROOT

OTHERS: tuple[Engine, ...] = ("line", "batch", "heap")


def as_expected(outcomes: Outcomes) -> dict[str, object]:
    counts = np.bincount(outcomes.reason, minlength=3)
    return {
        "sha256": outcomes.sha256(),
        "parcels": len(outcomes.reason),
        "sorted": counts[SORTED],
        "no_read": counts[NO_READ_OUT],
        "rejected": counts[REJECTED],
        "misses": dict(zip(MISSES, outcomes.misses.tolist(), strict=True)),
        "last_out_us": outcomes.t_out_us.max(),
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_every_engine_gives_the_digest_of_the_reference_case(case: Path, engine: Engine) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert as_expected(simulate(*read_reference(case), engine)) == expected


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_idiomatic_simpy_gives_it_too_so_that_ratios_compare_the_same_work(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    outcomes, _ = idiomatic.simulate(*read_reference(case))
    assert outcomes.sha256() == expected["sha256"]


def same(one: Outcomes, other: Outcomes) -> bool:
    """Compared by column, so that hypothesis can shrink to the first row that differs."""
    columns = [field for field in Outcomes.__slots__ if field != "misses"]
    for column in [*columns, "misses"]:
        assert getattr(one, column).tolist() == getattr(other, column).tolist(), column
    return one.sha256() == other.sha256()


# A camera that stands behind the end, and a stop between the two.
FAR_CAMERA = replace(
    CALM, diverters=1, pitch_mm=1, us_per_mm=10, camera_mm=4, first_diverter_mm=0, return_mm=3, max_laps=2,
    stops=((10, 10),),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(lines())
@example((FAR_CAMERA, parcels_of([0], 1)))
def test_engines_are_equal_on_any_line_and_table_ties_included(made: tuple[LineSpec, Parcels]) -> None:
    plain = simulate(*made, "plain")
    for engine in OTHERS:
        assert same(simulate(*made, engine), plain), engine


@settings(max_examples=100, deadline=None)
@given(lines(in_order=True))
def test_idiomatic_simpy_is_equal_on_any_line_whose_eyes_come_after_its_camera(
    made: tuple[LineSpec, Parcels],
) -> None:
    outcomes, _ = idiomatic.simulate(*made)
    assert same(outcomes, simulate(*made, "plain"))


@pytest.mark.parametrize("engine", ENGINES)
def test_no_parcels_are_no_outcomes(engine: Engine) -> None:
    outcomes = simulate(CALM, parcels_of([]), engine)
    assert outcomes.t_out_us.size == 0 and outcomes.misses.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_second_run_knows_nothing_of_the_first(engine: Engine) -> None:
    case = read_reference(CASES[-1])
    once, _ = timed(*case, engine, repeat=1)
    twice, cpu_s = timed(*case, engine, repeat=2)
    assert once.sha256() == twice.sha256() and cpu_s > 0


def test_engines_leave_the_table_as_it_was() -> None:
    spec, parcels = read_reference(CASES[0])
    before = [column.copy() for column in (parcels.arr_us, parcels.length_mm, parcels.code)]
    for engine in ENGINES:
        simulate(spec, parcels, engine)
    after = (parcels.arr_us, parcels.length_mm, parcels.code)
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


def test_the_compiler_is_started_for_large_tables_only() -> None:
    assert engine_for(WORTH_COMPILING - 1) == "plain"
    assert engine_for(WORTH_COMPILING) == "batch"


def test_plain_and_line_run_without_the_compiler() -> None:
    program = f"""
import sys
from dataclasses import replace
from pathlib import Path
from sim.reference.engines import simulate
from sim.reference.files import read_reference
case = read_reference(Path({str(CASES[0])!r}))
assert simulate(*case, "plain").sha256() == simulate(*case, "line").sha256()
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
