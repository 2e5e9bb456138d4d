"""Ways out that fail for good, and a belt that slips: what the PLC and the controller do by themselves."""

from __future__ import annotations

from sim.arrivals import draw
from sim.faults import Conditions
from sorter.flow import Decision, Jammed, Notice, PackCommand, PackState, Result, Why
from tests.test_plc_faults import HUB, UNTIL, Lasting, encoder_codes, ended, results, world
from tests.wired_world import SECOND, World


def test_a_diverter_that_stands_turned_holds_the_line_after_two_parcels_and_their_records_say_so() -> None:
    made = world(Lasting(Conditions(stuck=((2, 1),))))
    made.attended = False
    made.operate(PackCommand.START)
    made.run_for(UNTIL)
    jams = [event for event in made.told if isinstance(event, Jammed)]
    assert [(jam.code, jam.place) for jam in jams] == [(2, 2)] and made.state is PackState.HELD
    assert ("diverter-turned", "2") in {(v.key, v.about) for v in made.journal if isinstance(v, Notice)}
    # The second falls for 0.4 s, then the belt runs out for 1.6 m: three more at most reach the diverter.
    assert ended(made, Why.MISDIVERTED) >= 2 and len(made.judged().missorts) <= 5
    made.operate(PackCommand.UNHOLD)
    made.run_for(30 * SECOND)
    made.settle()
    verdict = made.judged()
    assert len(verdict.missorts) <= 5 and verdict.untrue == () and made.broken_law() == {}
    assert ended(made, Why.MISDIVERTED) + ended(made, Why.LOST) == len(verdict.missorts)


def test_a_belt_that_slips_by_a_whole_pitch_makes_no_parcel_another() -> None:
    # 15 % of the 4 m to the first eye are the 600 mm pitch: 7 of these 150 were mis-sorted by places alone.
    made = World(HUB, draw(HUB, 3, 150, 6000), Lasting(Conditions(slip_ppm=150_000), until=60 * SECOND))
    made.run_for(100 * SECOND)
    made.settle()
    verdict = made.judged()
    assert verdict.missorts == () and verdict.untrue == () and made.broken_law() == {}
    assert encoder_codes(made) == {3, 4} and results(made)[Result.GAP_TOO_SMALL] > 0 and verdict.sorted > 40


def test_a_chute_whose_diverter_fails_three_times_gets_nothing_more_until_it_is_unlocked() -> None:
    dead = Conditions(stuck=tuple((diverter, 0) for diverter in range(12)))
    made = World(HUB, draw(HUB, 4, 150, 6000), Lasting(dead, until=1000 * SECOND))
    made.run_for(60 * SECOND)
    (first, *_) = [v for v in made.journal if isinstance(v, Notice) and v.key == "chute-out"]
    chute = int(first.about)
    later = [v for v in made.journal if isinstance(v, Decision) and v.at_us > first.at_us]
    assert len(later) > 10 and all(chute not in (one.chute, one.alternate) for one in later)
    assert ended(made, Why.DIVERTER_FAULT) > 0 and made.judged().missorts == ()
