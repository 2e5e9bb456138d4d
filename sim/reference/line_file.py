"""line.json: the parameters of a reference line, every mistake with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from sim.reference.json_places import Placed, read_json
from sim.reference.spec import LineSpec
from sorter.errors import ConfigError, Problem

LARGEST = 10**15
"""What any number of a reference line may be: 31 years in us."""

LEAST = {"diverters": 1, "pitch_mm": 1, "us_per_mm": 1, "bag_parcels": 1, "max_laps": 1}
"""The least that a parameter may be where that is not 0."""

MOST = {"diverters": 1_000_000}
"""The most that a parameter may be where that is not LARGEST."""

KEYS = tuple(field.name for field in fields(LineSpec))


def read_line(path: Path) -> tuple[LineSpec, str]:
    """The parameters, and where `return_mm` stands.

    Raises ConfigError: no JSON, keys unknown, missing or given twice, anything but integers in their limits,
    stops that overlap; all of them at once.
    """
    try:
        whole = read_json(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        raise ConfigError([Problem(where, f"not JSON: {error.msg}", "write one object in braces")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([unreadable(path, error)]) from None
    if type(whole.value) is not dict:
        raise ConfigError([Problem(place(path, whole), "not an object", "write one object in braces")])
    pairs = whole.pairs()
    problems = list(key_problems(path, [key for key, _ in pairs]))
    given = {key.value: value for key, value in pairs if key.value in KEYS}
    numbers = {key: value for key, value in given.items() if key != "stops"}
    for key, value in numbers.items():
        problems += number_problems(path, key, value, LEAST.get(key, 0), MOST.get(key, LARGEST))
    if "stops" in given:
        problems += stop_problems(path, given["stops"])
    if problems:
        raise ConfigError(problems)
    stops = tuple((start, duration) for start, duration in given["stops"].value)
    spec = LineSpec(**{key: value.value for key, value in numbers.items()}, stops=stops)
    return spec, place(path, given["return_mm"])


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> Problem:
    """A file that is not there, or no text."""
    if isinstance(error, OSError):
        return Problem(f"{path}:1:1", f"cannot be read: {error.strerror}", "check the folder and its rights")
    return Problem(f"{path}:1:1", "is not UTF-8 text", "save it as UTF-8")


def place(path: Path, value: Placed) -> str:
    """file:line:column."""
    return f"{path}:{value.line}:{value.column}"


def key_problems(path: Path, keys: list[Placed]) -> Iterator[Problem]:
    """Keys that are unknown, given twice or missing."""
    seen: dict[str, int] = {}
    for key in keys:
        if key.value not in KEYS:
            yield Problem(place(path, key), f"unknown key {key.value!r}", f"known keys: {', '.join(KEYS)}")
        elif key.value in seen:
            what = f"{key.value} is already given at line {seen[key.value]}"
            yield Problem(place(path, key), what, "keep one of the two")
        seen.setdefault(key.value, key.line)
    missing = [key for key in KEYS if key not in seen]
    if missing:
        yield Problem(f"{path}:1:1", f"missing: {', '.join(missing)}", "give every parameter of the line")


def number_problems(path: Path, what: str, number: Placed, least: int, most: int) -> Iterator[Problem]:
    """A value that is no integer, or outside its limits."""
    value, where = number.value, place(path, number)
    if type(value) is not int:
        remedy = "write a whole number: the reference line knows no fractions, strings or empty values"
        if what == "us_per_mm":
            remedy = "choose a belt speed with a whole number of us per mm, such as 1600 mm/s (625)"
        yield Problem(where, f"{what} is not an integer: {json.dumps(value)[:40]}", remedy)
    elif not least <= value <= most:
        yield Problem(where, f"{what} is {value}", f"give {least} to {most}")


def stop_problems(path: Path, stops: Placed) -> Iterator[Problem]:
    """Stops that are no pairs of numbers, or start before the stop before is over."""
    form = "write [[start_us, duration_us], ...]"
    if type(stops.value) is not list:
        yield Problem(place(path, stops), "stops is not a list", form)
        return
    over = -1
    for stop in stops.items():
        if type(stop.value) is not list or len(stop.value) != 2:
            yield Problem(place(path, stop), "a stop is not a pair", form)
            continue
        start, duration = stop.items()
        wrong = [*number_problems(path, "a stop's start", start, 0, LARGEST),
                 *number_problems(path, "a stop's duration", duration, 0, LARGEST)]  # fmt: skip
        yield from wrong
        if not wrong:
            if start.value <= over:
                what = f"the stop at {start.value} starts before the stop before is over, at {over}"
                yield Problem(place(path, start), what, "order the stops by start and join what overlaps")
            over = max(over, start.value + duration.value)
