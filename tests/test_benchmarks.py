"""The benchmarks run, compare equal work, and the engines are as fast as line-model.md wants them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import end_to_end, hub_line, idiomatic, simulation
from benchmarks.contestants import BASELINE, CPP, contestants
from benchmarks.cpp_heap import CppHeap
from benchmarks.footprint import measured
from benchmarks.traffic import arrivals, line
from sim.reference.engines import simulate
from sim.reference.files import read_reference
from tests.reference_made import CASES, case_id

MOST_EVENTS = 12.5

AT_LEAST = {"batch": 1500, "heap": 70, "plain": 15, "line": 2.5}
"""Parcels per CPU second, as multiples of idiomatic SimPy's."""


@pytest.fixture(scope="module")
def cpp(tmp_path_factory: pytest.TempPathFactory) -> CppHeap:
    built = CppHeap.built(tmp_path_factory.mktemp("cpp"))
    if built is None:
        pytest.skip("no g++ on this machine")
    return built


def test_idiomatic_simpy_is_no_straw_man() -> None:
    _, events = idiomatic.simulate(line(), arrivals(line(), 3000))
    assert 5 < events / 3000 <= MOST_EVENTS


@pytest.mark.parametrize("diverters", [1, 14, 100])
def test_idiomatic_simpy_runs_lines_of_any_size(diverters: int) -> None:
    parcels = arrivals(line(diverters), 1000)
    outcomes, _ = idiomatic.simulate(line(diverters), parcels)
    assert outcomes.sha256() == simulate(line(diverters), parcels, "plain").sha256()


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_cpp_heap_gives_the_digest_of_the_reference_case(case: Path, cpp: CppHeap) -> None:
    spec, parcels = read_reference(case)
    outcomes, events, _ = cpp.simulate(spec, parcels)
    assert outcomes.sha256() == simulate(spec, parcels, "plain").sha256()
    assert events > 4 * len(parcels)


def test_the_table_has_a_row_for_every_engine(capsys: pytest.CaptureFixture[str]) -> None:
    who = contestants(None)
    assert simulation.table(who, line(), arrivals(line(), 500), turns=1, footprints=False)
    assert simulation.growth(who, (100,), (10,), 200)
    told = capsys.readouterr().out
    assert all(f"\n{name} " in told for name in (*who, simulation.BOUND)) and "DIFFERS" not in told
    assert f"{CPP}: no g++" in told


def test_an_engine_tells_its_start_up_and_its_memory(tmp_path: Path) -> None:
    startup_s, peak_mib = measured("plain", 1000, str(tmp_path))
    assert startup_s > 0 and 10 < peak_mib < 1000


@pytest.mark.full
def test_end_to_end_is_fast_and_its_memory_does_not_grow(report_line: Callable[[str], None]) -> None:
    few, all_of_them = 1_000_000, 100_000_000
    ratios = end_to_end.table(all_of_them)
    (_, small), (_, large) = end_to_end.measured(few), end_to_end.measured(all_of_them)
    report_line(f"end to end, 100 million parcels: {ratios[all_of_them]:,.0f}x {BASELINE}, {large:.0f} MiB")
    assert ratios[all_of_them] >= 700
    assert large < 300 / 1.048576 and large < 1.1 * small


@pytest.mark.full
def test_a_hundred_days_take_less_than_one_day_of_idiomatic_simpy(report_line: Callable[[str], None]) -> None:
    ratio = hub_line.days()
    report_line(f"100 days of 11.11, statistics only: {1 / ratio:.2f} of the time of one day of {BASELINE}")
    assert ratio >= 1


@pytest.mark.full
def test_the_hubs_recursion_is_as_fast_as_wanted(report_line: Callable[[str], None]) -> None:
    alone, everything = hub_line.compared(400_000)
    report_line(f"hub line: recursion {alone:,.0f}x {BASELINE} (N = 14), end to end {everything:,.0f}x")
    assert alone >= 500


@pytest.mark.full
def test_the_engines_are_as_fast_as_the_line_model_wants(
    report_line: Callable[[str], None], tmp_path: Path
) -> None:
    cpp = CppHeap.built(tmp_path) if shutil.which("g++") else None
    least, digests = simulation.measure(contestants(cpp), line(), arrivals(line(), 200_000), turns=2)
    ratios = {name: least[BASELINE] / cpu_s for name, cpu_s in least.items()}
    told = ", ".join(f"{name} {ratio:,.1f}x" for name, ratio in ratios.items())
    report_line(f"200,000 parcels, N = 40, against {BASELINE}: {told}")
    report_line(f"batch reaches {least[simulation.BOUND] / least['batch']:.2f} of the lower bound")
    assert len(set(digests.values())) == 1
    assert {name: ratios[name] for name, bar in AT_LEAST.items() if ratios[name] < bar} == {}
    if cpp is not None:
        assert least[CPP] / least["batch"] >= 15
