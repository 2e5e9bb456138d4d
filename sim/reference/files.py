"""A reference line's folder: line.json and parcels.csv in, outcomes out."""

from __future__ import annotations

from pathlib import Path

from sim.reference.line_file import read_line
from sim.reference.outcomes import Outcomes
from sim.reference.parcels_file import read_parcels
from sim.reference.rules import FAR, belt_space
from sim.reference.spec import LineSpec, Parcels
from sorter.errors import ConfigError, Problem

OUTCOME_COLUMNS = ("parcel", "t_out_us", "t_in_us", "chute", "laps", "reason")
ROWS_AT_ONCE = 100_000


def read_reference(folder: Path) -> tuple[LineSpec, Parcels]:
    """The line and the parcels of a folder. Raises ConfigError with every mistake of the file at fault."""
    line_file, parcels_file = folder / "line.json", folder / "parcels.csv"
    spec, return_place = read_line(line_file)
    parcels = read_parcels(parcels_file, spec.diverters)
    longest = int(parcels.length_mm.max(initial=0))
    space = belt_space(longest, spec.us_per_mm, spec.gap_us)
    if space > spec.return_mm * spec.us_per_mm:
        what = f"return_mm is {spec.return_mm}, too short for the longest parcel ({longest} mm)"
        raise ConfigError([Problem(return_place, what, f"give at least {longest + spec.gap_mm}")])
    if latest(spec, parcels, space) >= FAR // 2:
        what, remedy = "the run would outlast the clock (2^61 us)", "give fewer, earlier or shorter parcels"
        raise ConfigError([Problem(f"{parcels_file}:1:1", what, remedy)])
    return spec, parcels


def latest(spec: LineSpec, parcels: Parcels, space: int) -> int:
    """No time of the run is later, were all parcels as long as `space`; exact, not int64."""
    arrived, latency = (int(column.max(initial=0)) for column in (parcels.arr_us, parcels.latency_us))
    stood = sum(duration for _, duration in spec.stops)
    laps = spec.max_laps * (spec.loop_us + spec.pitch_us + len(parcels) * space)
    waits = spec.camera_us + spec.cycle_us + spec.neighbour_cycle_us + spec.bag_out_us
    return arrived + latency + stood + laps + waits


def write_outcomes(path: Path, outcomes: Outcomes) -> None:
    """One row a parcel, columns OUTCOME_COLUMNS. Raises OSError."""
    columns = (outcomes.t_out_us, outcomes.t_in_us, outcomes.chute, outcomes.laps, outcomes.reason)
    row = ",".join(["%d"] * len(OUTCOME_COLUMNS)) + "\n"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(OUTCOME_COLUMNS) + "\n")
        for first in range(0, len(outcomes.t_out_us), ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE, len(outcomes.t_out_us))
            block = [column[first:last].tolist() for column in columns]
            file.writelines(row % cells for cells in zip(range(first, last), *block, strict=True))
