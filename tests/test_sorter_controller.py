from __future__ import annotations

from sorter.controller import Controller
from sorter.flow import (
    REJECT,
    Advised,
    Answered,
    Assign,
    CodeRead,
    Command,
    Decision,
    Effect,
    EncoderTrouble,
    Event,
    FrameRead,
    FrameTag,
    Inducted,
    InterceptSet,
    Left,
    LinkUp,
    Notice,
    PackCommand,
    PackState,
    ParcelRecord,
    Rebooted,
    Result,
    Triggered,
    Verdict,
    Why,
    Woken,
)
from sorter.pictures import PICTURES_KEPT
from tests.hubs import ON_DATE, hub

HUB = hub()
LAYOUT = HUB.layout
WAYBILL = "SF1234567890123"
ADVICE = Advised(0, WAYBILL, "sf", "370305103201")
CHUTE = 3  # town 3 of the test hub
CAMERA = LAYOUT.counts(1000)
MIDDLE = ((1000, 1200), (1400, 1200), (1400, 1248), (1000, 1248))


BOOTED = LinkUp(0, 1, 5, PackState.EXECUTE)


def code(text: str = WAYBILL, row: int = 1224) -> CodeRead:
    """A code whose middle lies in this row of the picture (1224 = under the centre line)."""
    return CodeRead(text, "CODE128", ((0, row), (9, row), (9, row), (0, row)), "table")


class Told:
    """A controller and everything it said."""

    def __init__(self, *events: Event) -> None:
        self.controller = Controller(HUB, ON_DATE)
        self.effects: list[Effect] = []
        self.tell(*events)

    def tell(self, *events: Event) -> Told:
        for event in events:
            self.effects += self.controller.handle(event)
        return self

    @property
    def decisions(self) -> list[Decision]:
        return [effect for effect in self.effects if isinstance(effect, Decision)]

    @property
    def orders(self) -> list[Assign]:
        return [effect for effect in self.effects if isinstance(effect, Assign)]

    @property
    def commands(self) -> list[PackCommand]:
        return [effect.command for effect in self.effects if isinstance(effect, Command)]

    @property
    def records(self) -> list[ParcelRecord]:
        return [effect for effect in self.effects if isinstance(effect, ParcelRecord)]

    @property
    def notices(self) -> list[str]:
        return [effect.key for effect in self.effects if isinstance(effect, Notice)]


def inducted(pid: int = 1, place: int = 50_000, length_mm: int = 300, at_us: int = 1_000_000) -> Inducted:
    return Inducted(at_us, pid, length_mm, place)


def picture(frame: int = 1, place: int = 50_000) -> Triggered:
    return Triggered(1_600_000, 0, frame, place + CAMERA)


def answer(*reads: CodeRead, frame: int = 1, place: int = 50_000, failure: str = "") -> FrameRead:
    return FrameRead(1_700_000, FrameTag(0, frame, place + CAMERA), reads, failure)


def test_a_read_advised_parcel_is_sent_to_its_town() -> None:
    told = Told(ADVICE, inducted(), picture(), answer(code()))
    deadline = 50_000 + LAYOUT.decision_counts[CHUTE]
    assert told.orders == [Assign(1, CHUTE, REJECT, deadline)]
    decision = told.decisions[0]
    assert (decision.why, decision.waybill, decision.rule) == (Why.ROUTED, WAYBILL, "town-3")


def test_an_answer_that_is_faster_than_its_trigger_waits_for_it() -> None:
    told = Told(ADVICE, inducted(), answer(code()))
    assert told.decisions == []
    assert told.tell(picture()).orders[0].chute == CHUTE


def test_an_old_picture_is_never_bound_to_a_newer_parcel() -> None:
    old = answer(code(), place=50_000 - 3000)
    told = Told(ADVICE, inducted(), picture(), old)
    assert (told.decisions, told.notices) == ([], ["old-picture"])


def test_after_a_boot_a_picture_without_an_answer_keeps_none_from_its_successor_of_that_number() -> None:
    # The PLC numbers its pictures from 1 again, and this answer is faster than its trigger.
    told = Told(BOOTED, ADVICE, inducted(), picture(), Rebooted(2_000_000, 2), inducted(2, 90_000))
    told.tell(answer(code(), place=90_000), picture(place=90_000))
    assert [(d.pid, d.waybill) for d in told.decisions] == [(2, WAYBILL)]
    assert "old-picture" not in told.notices


def test_once_counts_are_lost_no_picture_decides_until_the_belt_was_cleared() -> None:
    lost, well = EncoderTrouble(1_650_000, 1), EncoderTrouble(9_000_000, 2)
    told = Told(
        BOOTED, ADVICE, inducted(), picture(), lost, answer(code()), picture(2), answer(code(), frame=2)
    )
    assert told.decisions == []
    told.tell(Left(2_000_000, 1, Result.UNASSIGNED, REJECT, 60_000))
    assert [record.why for record in told.records] == [Why.VISION_SILENT]
    told.tell(well, inducted(2, 90_000), picture(3, 90_000), answer(code(), frame=3, place=90_000))
    assert [(d.pid, d.waybill) for d in told.decisions] == [(2, WAYBILL)]


def test_a_belt_that_slips_is_still_seen() -> None:
    told = Told(ADVICE, inducted(), picture(), EncoderTrouble(1_650_000, 3), answer(code()))
    assert [d.pid for d in told.decisions] == [1]


def test_of_too_many_pictures_without_an_answer_the_oldest_is_forgotten_and_the_newest_is_not() -> None:
    told = Told(ADVICE, *(picture(frame, 10) for frame in range(1, PICTURES_KEPT + 2)))
    told.tell(inducted(), picture(500), answer(code(), frame=500))
    assert [(d.pid, d.waybill) for d in told.decisions] == [(1, WAYBILL)]
    told.tell(answer(frame=1, place=10), answer(frame=3, place=11))
    assert told.notices == ["old-picture"]  # of the third; the first waits for a trigger, as a new one would


def test_a_code_of_the_neighbour_in_the_same_picture_goes_to_the_neighbour() -> None:
    other = "YT1234567890123"
    behind = 50_000 + LAYOUT.counts(560)
    # 300 mm parcels 560 mm apart; the neighbour's code lies 500 mm upstream: beyond this picture's rows.
    row = 1224 + 500 * 2448 // 600
    told = Told(ADVICE, inducted(1), inducted(2, behind), picture(), answer(code(), code(other, row)))
    assert [(d.pid, d.waybill) for d in told.decisions] == [(1, WAYBILL)]
    told.tell(picture(2, behind), answer(frame=2, place=behind))
    assert [(d.pid, d.why) for d in told.decisions] == [(1, Why.ROUTED), (2, Why.NO_ADVICE)]


def test_a_code_that_lies_on_nobody_is_told_and_given_to_nobody() -> None:
    told = Told(ADVICE, inducted(), picture(), answer(code(row=1224 + 350 * 2448 // 600)))
    assert told.notices == ["read-on-none"]
    assert told.decisions[0].why is Why.NO_CODE


def test_a_code_on_two_touching_parcels_sends_both_to_the_exception_end() -> None:
    second = 50_000 + LAYOUT.counts(300)
    edge = code(row=1224 + 150 * 2448 // 600)
    told = Told(ADVICE, inducted(1), inducted(2, second), picture(1), picture(2, second))
    told.tell(answer(edge), answer(frame=2, place=second))
    assert told.notices == ["read-on-two"]
    assert [(d.chute, d.why) for d in told.decisions] == [(REJECT, Why.READ_AMBIGUOUS)] * 2


def test_two_waybills_on_one_parcel_are_an_exception() -> None:
    told = Told(ADVICE, inducted(), picture(), answer(code(), code("YT1234567890123")))
    assert (told.decisions[0].why, told.orders) == (Why.SEVERAL_WAYBILLS, [])


def test_an_intercept_wins_over_the_route() -> None:
    told = Told(ADVICE, InterceptSet(0, WAYBILL, True), inducted(), picture(), answer(code()))
    assert told.decisions[0].why is Why.INTERCEPTED
    assert told.orders[0].chute == HUB.plan.exception_chute(Why.INTERCEPTED)


def test_an_intercept_that_was_lifted_is_forgotten() -> None:
    held = [InterceptSet(0, WAYBILL, True), InterceptSet(0, WAYBILL, False)]
    assert Told(ADVICE, *held, inducted(), picture(), answer(code())).orders[0].chute == CHUTE


def test_a_failed_vision_is_not_called_a_missing_label() -> None:
    told = Told(ADVICE, inducted(), picture(), answer(failure="decoder-died"))
    assert told.decisions[0].why is Why.VISION_FAILED
    assert told.notices == ["vision-failed"]


def test_a_decision_after_the_decision_position_sends_no_command() -> None:
    past = 50_000 + LAYOUT.decision_counts[CHUTE] + 1
    told = Told(ADVICE, inducted(), picture(), Woken(5_000_000, past), answer(code()))
    assert (told.decisions[0].why, told.orders) == (Why.LATE_DECISION, [])


def test_when_time_runs_out_a_parcel_is_decided_with_the_reads_there_are() -> None:
    told = Told(ADVICE, inducted(), picture(1), picture(2), answer(code()))
    assert told.decisions == []
    wake = told.controller.next_wake_us()
    # The eye before the first diverter is 4 m behind the induct eye: 2.5 s, less 250 ms for delivery.
    assert wake == 1_000_000 + 2_500_000 - 250_000
    told.tell(Woken(wake, 50_000 + 7000))
    assert told.orders[0].chute == CHUTE
    assert told.controller.next_wake_us() is None


def test_without_any_read_the_parcel_waits_for_a_late_answer() -> None:
    told = Told(ADVICE, inducted(), picture(), Woken(3_250_000, 50_000 + 7000))
    assert told.decisions == []
    assert told.tell(answer(code())).orders[0].chute == CHUTE


def test_a_parcel_that_vision_never_answered_for_says_so() -> None:
    told = Told(inducted(), picture(), Left(9, 1, Result.UNASSIGNED, REJECT, 1))
    assert told.records[0].why is Why.VISION_SILENT


def test_the_verdict_of_the_machine_decides_why_nothing_was_diverted() -> None:
    told = Told(ADVICE, inducted(), picture(), answer(code()))
    told.tell(
        Answered(1, 1, Verdict.TOO_LATE, CHUTE, 1),
        Answered(2, 1, Verdict.SAME_AGAIN, CHUTE, 1),
        Left(9, 1, Result.UNASSIGNED, REJECT, 1),
    )
    record = told.records[0]
    assert (record.why, record.told, record.left, record.answered_us) == (Why.LATE_DELIVERY, CHUTE, REJECT, 1)


def test_verdict_and_result_of_an_unknown_parcel_change_nothing() -> None:
    told = Told(Answered(1, 7, Verdict.TAKEN, 1, 1), Left(2, 7, Result.OK, 1, 1))
    assert (told.records, told.notices) == ([], ["left-unknown"])


def test_an_object_without_identity_is_recorded_as_a_stray() -> None:
    told = Told(Left(5, 0, Result.STRAY, 12, 1))
    assert (told.records[0].pid, told.records[0].why, told.records[0].left) == (0, Why.STRAY, 12)


def test_a_wake_for_one_parcel_does_not_hurry_the_next() -> None:
    told = Told(ADVICE, inducted(1), inducted(2, 60_000, at_us=2_000_000))
    told.tell(picture(2, 60_000), picture(3, 60_000))
    told.tell(answer(code(), frame=2, place=60_000), Woken(3_250_000, 57_000))
    assert told.decisions == []
    assert told.controller.next_wake_us() == 2_000_000 + 2_250_000
