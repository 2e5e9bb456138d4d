"""The controller: identity, destination, chute, outcome, record. handle(event) -> effects.

It opens no socket, reads no clock, sleeps never, logs never: the simulated line, the emulator, the hub
and the replay of a journal drive the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sorter.chutes import ChuteBoard, Pick
from sorter.coding import Known, advice, may_code, ruled_by_hand
from sorter.flow import (
    ENCODER_SPAN,
    REJECT,
    Advised,
    Answered,
    Assign,
    BagChanged,
    ChuteChanged,
    ChuteLocked,
    Coded,
    CommChanged,
    ConfigChanged,
    Decision,
    Effect,
    EncoderTrouble,
    Event,
    EventsLost,
    EyeSeen,
    FrameRead,
    Inducted,
    InterceptSet,
    Jammed,
    Left,
    LinkDown,
    LinkUp,
    Mark,
    Notice,
    Operated,
    Rebooted,
    Restarted,
    Serviced,
    StateChanged,
    Taken,
    Triggered,
    Us,
    Verdict,
    Why,
    Woken,
    encoder_delta,
)
from sorter.goal import Goal
from sorter.hub import Hub
from sorter.outcomes import reason
from sorter.parcels import OpenParcel, OpenParcels, stray_record
from sorter.pictures import Pictures
from sorter.plan import Ruled, decide
from sorter.timing import DELIVERY_US, travel_us
from sorter.waybill import Choice, choose

TELL_ENCODER = (Inducted, Triggered, Answered, Left, Woken)


class Controller:
    """One line's controller. on_date = ISO date by which waybill formats are judged."""

    def __init__(self, hub: Hub, on_date: str) -> None:
        self._hub = hub
        self._on_date = on_date
        self._epoch = 1
        self._parcels = OpenParcels(hub.layout)
        self._pictures = Pictures(hub.layout, self._parcels)
        self._chutes = ChuteBoard(hub.layout)
        self._advised: dict[str, Advised] = {}
        self._advised_courier: dict[str, str] = {}
        self._held: set[str] = set()
        self._encoder = 0
        self._goal = Goal()
        self._boot: int | None = None
        first_mm = hub.layout.mm(min(hub.layout.decision_counts))
        self._patience_us = travel_us(first_mm, hub.layout.belt.speed_mm_s) - DELIVERY_US
        self._handlers: dict[type[Any], Callable[[Any], Iterable[Effect]]] = {
            Inducted: self._inducted,
            Triggered: self._triggered,
            FrameRead: self._frame_read,
            Woken: self._woken,
            Answered: self._answered,
            Left: self._left,
            Advised: self._advice,
            InterceptSet: self._intercept,
            ChuteChanged: self._chute_changed,
            ChuteLocked: self._chute_locked,
            StateChanged: self._state_changed,
            CommChanged: lambda event: [Notice(event.at_us, f"comm-{event.code}", str(event.session))],
            LinkUp: self._link_up,
            LinkDown: lambda event: [Notice(event.at_us, "link-down", event.reason)],
            Jammed: lambda event: [Notice(event.at_us, "jam", str(event.place))],
            EncoderTrouble: lambda event: [Notice(event.at_us, "encoder", str(event.code))],
            Rebooted: lambda event: self._new_boot(event.boot_id, event.at_us),
            EventsLost: self._events_lost,
            Operated: lambda event: self._goal.operated(event),
            Coded: self._coded,
            BagChanged: self._bag_changed,
            **dict.fromkeys((Taken, EyeSeen, Serviced), lambda event: []),
            Restarted: self._restarted,
            ConfigChanged: lambda event: self._end_all(Why.RESTARTED, event.at_us),
        }

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Everything that follows from one event, in the order in which it is to be kept and sent."""
        if isinstance(event, TELL_ENCODER):
            self._encoder = event.encoder
        return tuple(self._handlers[type(event)](event))

    def next_wake_us(self) -> Us | None:
        """When a `Woken` is wanted; None while there is nothing to wait for."""
        wakes = [p.wake_us for p in self._parcels.undecided if p.wake_us is not None]
        return min(wakes, default=None)

    @property
    def open_parcels(self) -> int:
        """Parcels inducted and without a record yet."""
        return len(self._parcels)

    # ------------------------------------------------------------ seeing and deciding

    def _inducted(self, event: Inducted) -> list[Effect]:
        self._parcels.add(event, event.at_us + self._patience_us)
        return []

    def _triggered(self, event: Triggered) -> list[Effect]:
        return [*self._pictures.triggered(event), *self._decide_ripe(event.at_us)]

    def _frame_read(self, event: FrameRead) -> list[Effect]:
        return [*self._pictures.answered(event), *self._decide_ripe(event.at_us)]

    def _woken(self, event: Woken) -> list[Effect]:
        """The first decision position is near: whoever has an answer is decided with what there is."""
        for parcel in self._parcels.undecided:
            if parcel.wake_us is not None and parcel.wake_us <= event.at_us:
                parcel.wake_us = None
        return self._decide_ripe(event.at_us)

    def _decide_ripe(self, at_us: Us) -> list[Effect]:
        """Decide every parcel of which all pictures are answered, or which has an answer and no time left."""
        ripe = [p for p in self._parcels.undecided if p.ripe and not p.closed]
        return [effect for parcel in ripe for effect in self._decide(parcel, at_us)]

    def _decide(self, parcel: OpenParcel, at_us: Us) -> list[Effect]:
        ruled = self._rule(parcel)
        return self._decided(parcel, ruled, self._pick(ruled, parcel), at_us)

    def _decided(self, parcel: OpenParcel, ruled: Ruled, pick: Pick, at_us: Us) -> list[Effect]:
        decision = Decision(
            pid=parcel.inducted.pid,
            at_us=at_us,
            chute=pick.chute,
            alternate=pick.alternate,
            why=pick.why,
            waybill=ruled.waybill,
            courier=ruled.courier,
            place=ruled.place,
            rule=ruled.rule_id,
            plan_version=self._hub.plan.version,
        )
        self._parcels.decide(parcel, decision)
        if not parcel.assigned:
            return [decision]
        self._chutes.sent(pick.chute)
        deadline = self._deadline(parcel, pick.chute)
        return [decision, Assign(decision.pid, pick.chute, pick.alternate, deadline)]

    def _rule(self, parcel: OpenParcel) -> Ruled:
        if parcel.doubtful:
            choice = Choice(Why.READ_AMBIGUOUS, "", "")
        elif not parcel.reads:
            choice = Choice(parcel.silent, "", "")
        else:
            choice = choose(parcel.reads, self._hub.couriers, self._advised_courier, self._on_date)
        advised = self._advised.get(choice.waybill)
        return decide(choice, advised, choice.waybill in self._held, self._hub.plan, self._hub.network)

    def _pick(self, ruled: Ruled, parcel: OpenParcel) -> Pick:
        """The outlet for a ruling; one that is full, locked or already passed leaves the exception end."""
        if not ruled.chutes:
            return Pick(REJECT, REJECT, ruled.why)
        pick = self._chutes.pick(ruled.chutes, ruled.balance)
        if pick.chute == REJECT:
            return pick
        if self._passed(parcel, pick.chute):
            return Pick(REJECT, REJECT, Why.LATE_DECISION)
        return Pick(pick.chute, pick.alternate, ruled.why)

    def _passed(self, parcel: OpenParcel, chute: int) -> bool:
        return encoder_delta(self._encoder, self._deadline(parcel, chute)) > 0

    def _deadline(self, parcel: OpenParcel, chute: int) -> int:
        """Encoder count at which the parcel passes the chute's decision position; 0 would mean none."""
        return (parcel.span.place + self._hub.layout.decision_counts[chute]) % ENCODER_SPAN or 1

    # ------------------------------------------------------------ the machine's answers

    def _answered(self, event: Answered) -> list[Effect]:
        parcel = self._parcels.get(event.pid)
        if parcel is not None and event.verdict is not Verdict.SAME_AGAIN:
            parcel.verdict, parcel.answered_us = event.verdict, event.at_us
        return []

    def _left(self, event: Left) -> list[Effect]:
        if event.pid == 0:
            return [stray_record(self._epoch, event.chute, event.at_us)]
        parcel = self._parcels.take(event.pid)
        if parcel is None:
            return [Notice(event.at_us, "left-unknown", str(event.pid))]
        silent = Why.RESTARTED if parcel.closed else parcel.silent
        why = reason(event.result, event.chute, parcel.decision, parcel.verdict, silent)
        return [parcel.record(self._epoch, why, event.chute, event.at_us)]

    def _end_all(self, why: Why, at_us: Us) -> list[Effect]:
        """Everything on the belt ends as unknown: where it came out, nobody can tell."""
        return [parcel.record(self._epoch, why, REJECT, at_us) for parcel in self._parcels.clear()]

    def _new_boot(self, boot_id: int, at_us: Us) -> list[Effect]:
        """A PLC that started anew knows nothing of the belt, and waits for a person to start it."""
        if boot_id == self._boot:
            return []
        known, self._boot = self._boot, boot_id
        if known is None:
            return []
        ended = self._end_all(Why.REBOOTED, at_us)
        self._epoch += 1
        self._pictures.forget()
        self._chutes.full.clear()
        self._goal.rebooted()
        return [*ended, Notice(at_us, "plc-rebooted", str(boot_id))]

    def _events_lost(self, event: EventsLost) -> list[Effect]:
        self._chutes.full.clear()
        lost = Notice(event.at_us, "events-lost", str(event.count))
        return [lost, *self._end_all(Why.EVENTS_LOST, event.at_us)]

    def _restarted(self, event: Restarted) -> list[Effect]:
        """Parcels older than this start get no command any more; the machine still tells where they go."""
        for parcel in self._parcels:
            parcel.closed = True
        return [Notice(event.at_us, "restarted", str(len(self._parcels)))]

    # ------------------------------------------------------------ people, advice, modes

    def _advice(self, event: Advised) -> list[Effect]:
        self._advised[event.waybill] = event
        self._advised_courier[event.waybill] = event.courier
        return []

    def _intercept(self, event: InterceptSet) -> list[Effect]:
        (self._held.add if event.held else self._held.discard)(event.waybill)
        return []

    def _coded(self, event: Coded) -> list[Effect]:
        """A person's word: obeyed while the parcel can be steered, kept as advice for its next lap."""
        at_us, parcel = event.at_us, self._parcels.get(event.pid)
        known = Known(self._advised, self._advised_courier, self._held, self._on_date)
        ruled = ruled_by_hand(event, parcel, self._hub, known)
        told = advice(event, ruled, known)
        learnt = [] if told is None else self._advice(told)
        if parcel is None or not may_code(parcel):
            key = "coded-late" if told is None else "coded-next-lap"
            return [*learnt, Notice(at_us, key, event.waybill or str(event.pid))]
        ahead = tuple(chute for chute in ruled.chutes if not self._passed(parcel, chute))
        pick = self._pick(replace(ruled, chutes=ahead), parcel)
        if pick.chute == REJECT and event.mark is Mark.NONE:
            key = "coded-late" if ruled.chutes and not ahead else "coded-no-route"
            return [*learnt, Notice(at_us, key, str(event.pid))]
        coded = Notice(at_us, "coded", str(event.pid))
        return [*learnt, *self._decided(parcel, ruled, pick, at_us), coded]

    def _bag_changed(self, event: BagChanged) -> list[Effect]:
        """A chute with a new bag takes parcels again; a bag hangs at one chute only."""
        if not self._chutes.hang(event.chute, event.bag):
            return [Notice(event.at_us, "bag-in-use", event.bag)]
        return [Notice(event.at_us, "bag-changed", str(event.chute))]

    def _chute_changed(self, event: ChuteChanged) -> list[Effect]:
        (self._chutes.full.add if event.full else self._chutes.full.discard)(event.chute)
        return [Notice(event.at_us, "chute-full" if event.full else "chute-clear", str(event.chute))]

    def _chute_locked(self, event: ChuteLocked) -> list[Effect]:
        (self._chutes.locked.add if event.locked else self._chutes.locked.discard)(event.chute)
        return [Notice(event.at_us, "chute-locked" if event.locked else "chute-unlocked", str(event.chute))]

    def _link_up(self, event: LinkUp) -> list[Effect]:
        ended = self._new_boot(event.boot_id, event.at_us)
        told = Notice(event.at_us, "link-up", str(event.boot_id))
        return [*ended, told, *self._goal.linked(event)]

    def _state_changed(self, event: StateChanged) -> list[Effect]:
        return [Notice(event.at_us, "state", event.state.name), *self._goal.changed(event)]
