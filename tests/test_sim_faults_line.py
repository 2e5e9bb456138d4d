"""Every kind of fault on the simulated line with the real controller: what it costs, and what never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from sim.arrivals import draw
from sim.faultplan import Cause, Fault, FaultPlan, Kind
from sim.judge import Judgement, judge
from sim.line import TAKEN_OFF
from sim.planned import Planned
from sim.upstream import marked, told
from sim.virtual import VirtualLine
from sorter.app.config import load_hub
from sorter.flow import (
    REJECT,
    ChuteChanged,
    Effect,
    EncoderTrouble,
    Event,
    Jammed,
    LinkDown,
    LinkUp,
    Outcome,
    PackState,
    ParcelRecord,
    StateChanged,
    Us,
)
from tests.hubs import ON_DATE
from tests.linzi import FOLDER

HUB = load_hub(FOLDER)
DRAWN = draw(HUB, seed=11, count=150, per_hour=5000)
CHUTE_OF = {chute.key: chute.id for chute in HUB.layout.chutes}
S: Us = 1_000_000


@dataclass(frozen=True)
class Story:
    """One run: what was told, what came of it."""

    told: list[Event | Effect]
    left: dict[int, int]
    verdict: Judgement
    line_us: Us

    def all(self, kind: type) -> list[Event | Effect]:
        return [one for one in self.told if isinstance(one, kind)]

    def states(self) -> list[PackState]:
        return [one.state for one in self.told if isinstance(one, StateChanged)]

    def stood_us(self) -> Us:
        """From the first time the line was held or aborted to its next Execute."""
        stops = (PackState.HELD, PackState.ABORTED)
        changes = [one for one in self.told if isinstance(one, StateChanged)]
        began = next(one.at_us for one in changes if one.state in stops)
        return next(o.at_us for o in changes if o.state is PackState.EXECUTE and o.at_us > began) - began

    def ended(self, outcome: Outcome) -> int:
        return sum(isinstance(one, ParcelRecord) and one.outcome is outcome for one in self.told)


def story(*faults: Fault, seed: int = 5) -> Story:
    mishaps = Planned(FaultPlan("test", faults), seed, marked(DRAWN))
    kept: list[Event | Effect] = []
    line = VirtualLine(HUB, ON_DATE, [one.parcel for one in DRAWN], 1, kept.append, mishaps)
    early, later = told(DRAWN, mishaps)
    done = line.run(early, later)
    truths, late = [one.truth for one in DRAWN], {word.waybill for _, word in later}
    verdict = judge(HUB, truths, done.left, done.records, mishaps.misreadings(), late)
    return Story(kept, done.left, verdict, done.line_us)


CALM = story()
MOMENT = ((30 * S, 30 * S),)


def spans(begins_s: int, ends_s: int) -> tuple[tuple[Us, Us], ...]:
    return ((begins_s * S, ends_s * S),)


def test_without_a_fault_a_line_that_could_fail_sorts_as_one_that_cannot() -> None:
    line = VirtualLine(HUB, ON_DATE, [one.parcel for one in DRAWN], 1)
    done = line.run(told(DRAWN, Planned(FaultPlan("none"), 1))[0])
    assert (done.left, done.line_us) == (CALM.left, CALM.line_us)


# What a fault does where it strikes; that it missorts nothing is the law of the next test.
EFFECTS: dict[str, tuple[Fault, Callable[[Story], bool]]] = {
    "no-read": (
        Fault(Kind.NO_READ, share_ppm=200_000),
        lambda s: s.ended(Outcome.NO_READ) > CALM.ended(Outcome.NO_READ) + 15,
    ),
    "no-read by glare for a while": (
        Fault(Kind.NO_READ, cause=Cause.GLARE, spans=spans(20, 40)),
        lambda s: s.ended(Outcome.NO_READ) > CALM.ended(Outcome.NO_READ) + 15,
    ),
    "jam": (
        Fault(Kind.JAM, spans=MOMENT, place=3, lasts_us=(20 * S, 20 * S)),
        lambda s: (
            len(s.all(Jammed)) == 1
            and TAKEN_OFF in s.left.values()
            and s.states().count(PackState.EXECUTE) == 2
            and 32 * S <= s.stood_us() < 33 * S  # 10 s to get there, 20 s hands on, 2 s to the panel
        ),
    ),
    "e-stop": (
        Fault(Kind.E_STOP, spans=spans(30, 35)),
        lambda s: (
            s.states().count(PackState.ABORTED) == 1
            and s.states()[-1] is PackState.EXECUTE
            and s.ended(Outcome.PURGED) > 0
            and s.verdict.sorted > CALM.verdict.sorted - 40
        ),
    ),
    "belt-stop": (
        Fault(Kind.BELT_STOP, spans=spans(30, 35)),
        lambda s: (
            [e.code for e in s.all(EncoderTrouble) if isinstance(e, EncoderTrouble)] == [1, 2]
            and s.states().count(PackState.ABORTED) == 1
            and s.states().count(PackState.EXECUTE) == 2
            and 12 * S <= s.stood_us() < 13 * S  # 10 s to get there, then Clear, Reset, Start
            and s.ended(Outcome.PURGED) > 0
        ),
    ),
    "belt-stop that outlasts the operator's first restarts": (
        Fault(Kind.BELT_STOP, spans=spans(30, 60)),
        lambda s: (
            s.states().count(PackState.ABORTED) > 1
            and s.states()[-1] is PackState.EXECUTE
            and s.verdict.sorted > CALM.verdict.sorted - 40
        ),
    ),
    "belt-slip that the windows bear": (
        Fault(Kind.BELT_SLIP, spans=spans(20, 80), slip_ppm=10_000),
        lambda s: s.verdict.sorted == CALM.verdict.sorted,  # 40 mm over the 4 m to the first eye
    ),
    "belt-slip that they do not bear": (
        Fault(Kind.BELT_SLIP, spans=spans(20, 80), slip_ppm=60_000),
        lambda s: s.verdict.sorted < CALM.verdict.sorted - 30,
    ),
    "failed-diverter": (
        Fault(Kind.FAILED_DIVERTER, share_ppm=300_000),
        lambda s: s.ended(Outcome.DIVERT_FAILED) > 20,
    ),
    "stuck-diverter, told": (
        Fault(Kind.STUCK_DIVERTER, place=0, side=0, told=True, spans=spans(0, 1000)),
        lambda s: not {0, 1} & set(s.left.values()),
    ),
    "stuck-diverter, not told": (
        Fault(Kind.STUCK_DIVERTER, place=0, side=0, spans=spans(0, 1000)),
        lambda s: not {0, 1} & set(s.left.values()) and s.ended(Outcome.DIVERT_FAILED) > 2,
    ),
    "stuck-eye, clear": (
        Fault(Kind.STUCK_EYE, place=5, covered=False, spans=spans(20, 60)),
        lambda s: 0 < CALM.verdict.sorted - s.verdict.sorted < 20,
    ),
    "stuck-eye, covered": (
        Fault(Kind.STUCK_EYE, place=5, covered=True, spans=spans(20, 60)),
        lambda s: len(s.all(Jammed)) > 1 and s.states()[-1] is PackState.EXECUTE,
    ),
    "chattering-eye": (
        Fault(Kind.CHATTERING_EYE, share_ppm=50_000),
        lambda s: s.ended(Outcome.STRAY) > 0 or s.verdict.recorded > CALM.verdict.recorded,
    ),
    "blind-eye": (
        Fault(Kind.BLIND_EYE, share_ppm=10_000),
        lambda s: s.verdict.sorted < CALM.verdict.sorted,
    ),
    "plc-silence, short": (
        Fault(Kind.PLC_SILENCE, spans=((30 * S, 30 * S + 200_000),)),
        lambda s: not s.all(LinkDown) and s.left == CALM.left,
    ),
    "plc-silence": (
        Fault(Kind.PLC_SILENCE, spans=spans(30, 40)),
        lambda s: (
            len(s.all(LinkDown)) == 1
            and len(s.all(LinkUp)) == 2
            and s.states()[-3:] == [PackState.SUSPENDED, PackState.UNSUSPENDING, PackState.EXECUTE]
        ),
    ),
    "slow-upstream": (
        Fault(Kind.SLOW_UPSTREAM, share_ppm=300_000, delay_us=(20 * S, 30 * S)),
        lambda s: s.ended(Outcome.NO_ROUTE) > CALM.ended(Outcome.NO_ROUTE) + 25,
    ),
    "slow-vision": (
        Fault(Kind.SLOW_VISION, share_ppm=200_000, delay_us=(8 * S, 9 * S)),
        lambda s: s.ended(Outcome.TOO_LATE) + s.ended(Outcome.NO_READ) > CALM.ended(Outcome.NO_READ) + 15,
    ),
    "chute-full": (
        Fault(Kind.CHUTE_FULL, place=CHUTE_OF["qidu"], spans=spans(0, 60)),
        lambda s: (
            [one.full for one in s.told if isinstance(one, ChuteChanged)] == [True, False]
            and s.ended(Outcome.CHUTE_FULL) > 0
        ),
    ),
    "taken-off": (
        Fault(Kind.TAKEN_OFF, share_ppm=5000),
        lambda s: TAKEN_OFF in s.left.values() and s.ended(Outcome.LOST) > 0,
    ),
    "sliding": (
        Fault(Kind.SLIDING, slide_mm=100),
        lambda s: s.verdict.sorted == CALM.verdict.sorted,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EFFECTS)
def test_a_fault_has_its_effect_and_missorts_nothing(name: str) -> None:
    fault, shows = EFFECTS[name]
    what = story(fault)
    assert shows(what), (what.verdict, what.states(), what.line_us - CALM.line_us)
    assert what.verdict.missorts == ()
    assert what.verdict.invented == what.verdict.untrue == ()


@pytest.mark.parametrize("cause", [Cause.OLD_LABEL, Cause.WRONG_DIGIT])
def test_a_misread_parcel_goes_where_the_wrong_code_says_and_the_judge_sees_it(cause: Cause) -> None:
    what = story(Fault(Kind.MISREAD, cause=cause, share_ppm=200_000))
    # A wrong digit has no advice and is coded by hand; an old label has, and leads astray.
    assert (len(what.verdict.missorts) > 10) is (cause is Cause.OLD_LABEL)
    assert what.verdict.invented == what.verdict.untrue == ()
    assert what.verdict.read < CALM.verdict.read


def test_coding_by_hand_is_right_only_for_what_could_not_be_known_and_is_not_held() -> None:
    truth = next(one.truth for one in DRAWN if one.truth.flaw == "")
    held, by_hand = replace(truth, held=True), {truth.n: CHUTE_OF["manual"]}
    unread, late = {truth.n: "another"}, {truth.waybill}
    assert judge(HUB, [truth], by_hand, ()).missorts
    assert not judge(HUB, [truth], by_hand, (), unread).missorts
    assert not judge(HUB, [truth], by_hand, (), late=late).missorts
    assert judge(HUB, [held], by_hand, (), unread, late).missorts


def test_a_stuck_turned_diverter_sweeps_parcels_into_its_chute_and_the_judge_sees_it() -> None:
    what = story(Fault(Kind.STUCK_DIVERTER, place=2, side=1, spans=spans(30, 40)))
    assert {missort.chute for missort in what.verdict.missorts} == {5}
    assert what.verdict.untrue == ()


def test_no_read_strikes_only_parcels_of_its_courier() -> None:
    what = story(Fault(Kind.NO_READ, courier="sf"))
    unread = {n for n, chute in what.left.items() if chute == REJECT and CALM.left[n] != REJECT}
    assert unread
    assert {DRAWN[n].truth.courier for n in unread} == {"sf"}


def test_what_runs_up_against_a_jam_is_taken_off_with_it_and_the_rest_is_sorted() -> None:
    what = story(Fault(Kind.JAM, spans=MOMENT, place=3, lasts_us=(5 * S, 5 * S)))
    taken = sorted(n for n, chute in what.left.items() if chute == TAKEN_OFF)
    # 1.4 m to the alarm and 1.6 m of braking bring up a few parcels, neighbours all.
    assert 1 < len(taken) < 8
    assert all(b - a <= 3 for a, b in pairwise(taken))
    assert what.verdict.sorted >= CALM.verdict.sorted - len(taken) - 8


def test_an_absent_operator_clears_a_jam_when_back() -> None:
    jam = Fault(Kind.JAM, spans=MOMENT, place=3, lasts_us=(5 * S, 5 * S))
    here, away = story(jam), story(jam, Fault(Kind.ABSENT_OPERATOR, spans=spans(20, 200)))
    held = [one for one in here.told if isinstance(one, StateChanged) and one.state is PackState.HELD]
    assert abs(away.stood_us() - here.stood_us() - (200 * S - held[0].at_us)) < 20_000


def test_a_late_crew_leaves_a_chute_full_for_longer() -> None:
    def full_us(*faults: Fault) -> Us:
        begins, ends = [o.at_us for o in story_of_one_town(*faults) if isinstance(o, ChuteChanged)][:2]
        return ends - begins

    assert full_us(Fault(Kind.LATE_CREW, delay_us=(30 * S, 30 * S))) == full_us() + 30 * S


def story_of_one_town(*faults: Fault) -> list[Event | Effect]:
    """So many parcels for one chute that its bag is changed."""
    one = next(d for d in DRAWN if CALM.left[d.truth.n] == CHUTE_OF["qidu"] and d.truth.flaw == "")
    parcels = [replace(one.parcel, n=n, arr_us=0) for n in range(300)]
    kept: list[Event | Effect] = []
    mishaps = Planned(FaultPlan("crew", faults), 1)
    VirtualLine(HUB, ON_DATE, parcels, 1, kept.append, mishaps).run(told([one], mishaps)[0])
    return kept


def test_the_same_plan_and_seed_give_the_same_run_and_another_seed_another() -> None:
    faults = (
        Fault(Kind.JAM, per_hour_milli=60_000, lasts_us=(5 * S, 20 * S)),
        Fault(Kind.FAILED_DIVERTER, share_ppm=50_000),
        Fault(Kind.PLC_SILENCE, per_hour_milli=60_000, lasts_us=(S, 3 * S)),
    )
    first = story(*faults)
    assert story(*faults).told == first.told
    assert story(*faults, seed=6).left != first.left
