"""A checker is itself tested: mistakes put into the product are told, alone and two at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sim.torture.trial import run
from sorter.app.torture_bench import begin
from tests.mutants import BY_NAME, MUTANTS, PAIRS, TargetGoneError, applied
from tests.mutants_told import MORE, TOLD, try_out

CAUGHT = json.loads((Path(__file__).parent / "data" / "mutants.json").read_text(encoding="utf-8"))
"""Name of a mutant -> [seed, mix] of the torture that tells it."""

EVERY = BY_NAME | {mutant.name: mutant for mutant in MORE}
SURVIVORS = sorted(EVERY.keys() - CAUGHT.keys() - TOLD.keys())
LEAST, LEAST_FAST = 60, 40


@pytest.mark.parametrize("name", CAUGHT)
def test_a_mistake_in_the_product_breaks_a_promise(name: str) -> None:
    seed, mix = CAUGHT[name]
    with applied([EVERY[name]]):
        trials = [(seed, mix), *((other, "heavy") for other in range(1, 40))]
        assert any(run(seed, mix, begin).violations for seed, mix in trials), "no seed tells"


@pytest.mark.parametrize("name", TOLD)
def test_a_mistake_that_the_torture_cannot_tell_fails_a_test_of_its_own(name: str, tmp_path: Path) -> None:
    with applied([EVERY[name]]), pytest.raises((Exception, pytest.fail.Exception)):
        try_out(TOLD[name], tmp_path)


@pytest.mark.parametrize("where", sorted(set(TOLD.values())))
def test_what_tells_mistakes_is_content_with_the_product_as_it_is(where: str, tmp_path: Path) -> None:
    try_out(where, tmp_path)


@pytest.mark.parametrize(("pair", "where"), PAIRS.items())
def test_two_mistakes_that_hide_behind_each_other_are_told_together_and_neither_alone(
    pair: tuple[str, str], where: tuple[int, str]
) -> None:
    for names in ((), pair[:1], pair[1:]):
        with applied([EVERY[name] for name in names]):
            assert run(*where, begin).violations == (), names
    with applied([EVERY[name] for name in pair]):
        assert run(*where, begin).violations


def test_enough_mistakes_are_told_and_every_one_still_has_its_target(
    report_line: Callable[[str], None],
) -> None:
    assert len(EVERY) == len(MUTANTS) + len(MORE)
    told = CAUGHT.keys() | TOLD.keys()
    report_line(
        f"{len(told)} of {len(EVERY)} mutants told, {len(CAUGHT)} of them by the torture, "
        f"and {len(PAIRS)} pairs; told by nothing yet: {', '.join(SURVIVORS)}"
    )
    assert told <= EVERY.keys() and len(told) >= LEAST and len(CAUGHT) >= LEAST_FAST
    for mutant in EVERY.values():
        with applied([mutant]):
            pass


def test_a_mutant_whose_target_is_gone_is_an_error() -> None:
    with pytest.raises(TargetGoneError), applied([replace(MUTANTS[0], old="no such text")]):
        pass
