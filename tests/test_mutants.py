"""A checker is itself tested: mistakes put into the product are told, alone and two at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutant_pairs import FAST, LAYERS, PAIRS, Where, told, trial
from tests.mutants import BY_NAME, MUTANTS, TargetGoneError, applied
from tests.mutants_told import MORE, TOLD, try_out
from tests.mutants_words import WORDS

CAUGHT = json.loads((Path(__file__).parent / "data" / "mutants.json").read_text(encoding="utf-8"))
"""Name of a mutant -> [seed, mix] of the torture that tells it."""

ALONE = BY_NAME | {mutant.name: mutant for mutant in (*MORE, *WORDS)}
EVERY = ALONE | {mutant.name: mutant for mutant in LAYERS}
SURVIVORS = sorted(ALONE.keys() - CAUGHT.keys() - TOLD.keys())
LEAST, LEAST_FAST, LEAST_PAIRS = 60, 40, 20


@pytest.mark.parametrize("name", CAUGHT)
def test_a_mistake_in_the_product_breaks_a_promise(name: str) -> None:
    seed, mix = CAUGHT[name]
    with applied([EVERY[name]]):
        trials = [(seed, mix), *((other, "heavy") for other in range(1, 40))]
        assert any(trial(seed, mix).violations for seed, mix in trials), "no seed tells"


@pytest.mark.parametrize("name", TOLD)
def test_a_mistake_that_the_torture_cannot_tell_fails_a_test_of_its_own(name: str, tmp_path: Path) -> None:
    with applied([EVERY[name]]), pytest.raises((Exception, pytest.fail.Exception)):
        try_out(TOLD[name], tmp_path)


@pytest.mark.parametrize("where", sorted(set(TOLD.values())))
def test_what_tells_mistakes_is_content_with_the_product_as_it_is(where: str, tmp_path: Path) -> None:
    try_out(where, tmp_path)


@pytest.mark.parametrize(
    ("pair", "where"),
    [pytest.param(*item, marks=[] if item[0] in FAST else pytest.mark.full) for item in PAIRS.items()],
)
def test_two_mistakes_that_hide_behind_each_other_are_told_together_and_neither_alone(
    pair: tuple[str, str], where: Where, tmp_path: Path
) -> None:
    for count, names in enumerate(((), pair[:1], pair[1:], pair)):
        folder = tmp_path / str(count)
        folder.mkdir()
        with applied([EVERY[name] for name in names]):
            what = told(where, folder)
        assert bool(what) is (names == pair), (names, what)


def test_enough_mistakes_are_told_and_every_one_still_has_its_target(
    report_line: Callable[[str], None],
) -> None:
    assert len(ALONE) == len(MUTANTS) + len(MORE) + len(WORDS) and len(EVERY) == len(ALONE) + len(LAYERS)
    found = CAUGHT.keys() | TOLD.keys()
    report_line(
        f"{len(found)} of {len(ALONE)} mutants told in every run, {len(CAUGHT)} of them by the torture, and "
        f"{len(PAIRS)} pairs, {len(FAST)} of them in every run; told by nothing yet: {SURVIVORS or 'none'}"
    )
    assert not SURVIVORS and found <= ALONE.keys()
    assert len(found) >= LEAST and len(CAUGHT) >= LEAST_FAST and len(PAIRS) >= LEAST_PAIRS
    assert {name for pair in PAIRS for name in pair} >= {mutant.name for mutant in LAYERS}
    for mutant in EVERY.values():
        with applied([mutant]):
            pass


def test_a_mutant_whose_target_is_gone_is_an_error() -> None:
    with pytest.raises(TargetGoneError), applied([replace(MUTANTS[0], old="no such text")]):
        pass
