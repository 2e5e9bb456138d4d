"""The controller: identity, destination, chute, outcome, record. handle(event) -> effects.

It opens no socket, reads no clock, sleeps never, logs never: the simulated line, the emulator, the hub
and the replay of a journal drive the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sorter.chutes import ChuteBoard, Pick
from sorter.coding import may_code
from sorter.flow import (
    ENCODER_SPAN,
    ONLY_KEPT,
    REJECT,
    Advised,
    Answered,
    Assign,
    BagChanged,
    ChuteBroken,
    ChuteChanged,
    ChuteLocked,
    Coded,
    CommandRefused,
    CommChanged,
    ConfigChanged,
    Decision,
    DiskSpace,
    DockChanged,
    Effect,
    EncoderTrouble,
    Event,
    EventsLost,
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
    PlanOrdered,
    PlanRolledBack,
    Rebooted,
    Restarted,
    Room,
    StateChanged,
    Triggered,
    Us,
    Verdict,
    WaveBegan,
    Why,
    Woken,
    encoder_delta,
)
from sorter.goal import Goal
from sorter.hub import Hub
from sorter.notices import noticed, room_notices
from sorter.outcomes import reason
from sorter.parcels import OpenParcel, OpenParcels, stray_record
from sorter.pictures import Pictures
from sorter.plan import Ruled
from sorter.rulings import Rulings
from sorter.timing import DELIVERY_US, travel_us

TOLD = (Advised, DockChanged, PlanOrdered, PlanRolledBack, WaveBegan)
TELL_ENCODER = (Inducted, Triggered, Answered, Left, Woken)


class Controller:
    """One line's controller. on_date = ISO date by which waybill formats are judged."""

    def __init__(self, hub: Hub, on_date: str) -> None:
        self._hub = hub
        self._epoch = 1
        self._parcels = OpenParcels(hub.layout)
        self._pictures = Pictures(hub.layout, self._parcels)
        self._chutes = ChuteBoard(hub.layout)
        self._rulings = Rulings(hub, on_date)
        self._goal = Goal()
        self._boot: int | None = None
        self._encoder, self._room = 0, Room.ENOUGH
        first_mm = hub.layout.mm(min(hub.layout.decision_counts))
        self._patience_us = travel_us(first_mm, hub.layout.belt.speed_mm_s) - DELIVERY_US
        self._handlers: dict[type[Any], Callable[[Any], Iterable[Effect]]] = {
            Inducted: self._inducted,
            Triggered: self._triggered,
            FrameRead: self._frame_read,
            Woken: self._woken,
            Answered: self._answered,
            Left: self._left,
            **dict.fromkeys(TOLD, self._rulings.told),
            InterceptSet: self._intercept,
            ChuteLocked: self._locked,
            **dict.fromkeys((ChuteChanged, ChuteBroken, BagChanged), self._chutes.told),
            StateChanged: self._state_changed,
            LinkUp: self._link_up,
            EncoderTrouble: self._pictures.encoder_trouble,
            **dict.fromkeys((CommChanged, Jammed, LinkDown), lambda event: [noticed(event)]),
            Rebooted: lambda event: self._new_boot(event.boot_id, event.at_us),
            EventsLost: self._events_lost,
            CommandRefused: lambda event: self._goal.refused(event),
            Operated: lambda event: self._goal.operated(event),
            Coded: self._coded,
            DiskSpace: self._disk_space,
            **dict.fromkeys(ONLY_KEPT, lambda event: []),
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
        return self._parcels.next_wake_us()

    @property
    def open_parcels(self) -> int:
        """Parcels inducted and without a record yet."""
        return len(self._parcels)

    @property
    def room(self) -> Room:
        """On the journal's disk; without room no new parcel may come, what is on the belt is sorted."""
        return self._room

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
        ruled = self._rulings.rule(parcel)
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
            plan_version=self._rulings.version,
            pictures=tuple(parcel.pictures),
        )
        self._parcels.decide(parcel, decision)
        if not parcel.assigned:
            return [decision]
        self._chutes.sent(pick.chute)
        deadline = self._deadline(parcel, pick.chute)
        return [decision, Assign(decision.pid, pick.chute, pick.alternate, deadline)]

    def _pick(self, ruled: Ruled, parcel: OpenParcel) -> Pick:
        """The outlet for a ruling; one that is full, locked or already passed leaves the exception end."""
        if not ruled.chutes:
            return Pick(REJECT, REJECT, ruled.why)
        pick = self._chutes.pick(ruled.chutes, ruled.balance, ruled.shares)
        if pick.chute != REJECT and not self._passed(parcel, pick.chute):
            return Pick(pick.chute, pick.alternate, ruled.why)
        why = Why.LATE_DECISION if pick.chute != REJECT else pick.why
        # Whoever finds it at the exception end must learn that it is held, not that a chute was locked.
        return Pick(REJECT, REJECT, ruled.why if ruled.why is Why.INTERCEPTED else why)

    def _passed(self, parcel: OpenParcel, chute: int) -> bool:
        return encoder_delta(self._encoder, self._deadline(parcel, chute)) > 0

    def _deadline(self, parcel: OpenParcel, chute: int) -> int:
        """Encoder count at which the parcel passes the chute's decision position; 0 would mean none."""
        return (parcel.span.place + self._hub.layout.decision_counts[chute]) % ENCODER_SPAN or 1

    # ------------------------------------------------------------ the machine's answers

    def _answered(self, event: Answered) -> list[Effect]:
        parcel = self._parcels.get(event.pid)
        if parcel is None or event.verdict is Verdict.SAME_AGAIN:
            return []
        if event.chute == REJECT and parcel.assigned:
            return [*parcel.called_back(event, self._rulings.held)]
        parcel.verdict, parcel.answered_us = event.verdict, event.at_us
        return [*self._chutes.answered(event)]

    def _left(self, event: Left) -> list[Effect]:
        if event.pid == 0:
            return [stray_record(self._epoch, event.chute, event.at_us)]
        parcel = self._parcels.take(event.pid)
        if parcel is None:
            return [Notice(event.at_us, "left-unknown", str(event.pid))]
        silent = Why.RESTARTED if parcel.closed else parcel.silent
        why = reason(event.result, event.chute, parcel.decision, parcel.verdict, silent)
        record, told = parcel.record(self._epoch, why, event.chute, event.at_us), list[Notice]()
        if why in (Why.ROUTED, Why.ROUTED_ALTERNATE) and self._rulings.held(record.waybill):
            told.append(Notice(event.at_us, "intercept-late", f"{record.waybill} {event.chute}"))
        return [record, *told, *self._chutes.left(event, parcel.decision)]

    def _end_all(self, why: Why, at_us: Us) -> list[Effect]:
        """Everything on the belt ends as unknown: where it came out, nobody can tell."""
        self._pictures.forget()
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
        self._chutes.full.clear()
        self._goal.rebooted()
        return [*ended, Notice(at_us, "plc-rebooted", str(boot_id))]

    def _events_lost(self, event: EventsLost) -> list[Effect]:
        self._chutes.full.clear()
        self._goal.lost(event)
        return [noticed(event), *self._end_all(Why.EVENTS_LOST, event.at_us)]

    def _restarted(self, event: Restarted) -> list[Effect]:
        """Parcels older than this start get no command any more; the machine still tells where they go."""
        for parcel in self._parcels:
            parcel.closed = True
        told = Notice(event.at_us, "restarted", str(len(self._parcels)))
        return [told, *self._chutes.restarted(event.at_us)]

    # ------------------------------------------------------------ people, advice, modes

    def _intercept(self, event: InterceptSet) -> list[Effect]:
        """What is on its way to a chute of its destination is called back."""
        told = self._rulings.told(event)
        return [*told, *self._recall([p for p in self._parcels if event.held and p.routed_as(event.waybill)])]

    def _locked(self, event: ChuteLocked) -> list[Effect]:
        """Somebody has his hands there, or the bag is off: what was ordered there is called back."""
        told = self._chutes.told(event)
        return [*told, *self._recall([p for p in self._parcels if event.locked and p.sent_to(event.chute)])]

    def _recall(self, parcels: list[OpenParcel]) -> list[Assign]:
        """To the exception end; whether that was in time the machine says."""
        return [Assign(parcel.inducted.pid, REJECT, REJECT, 0) for parcel in parcels]

    def _coded(self, event: Coded) -> list[Effect]:
        """A person's word: obeyed while the parcel can be steered, and kept as advice for its next lap."""
        at_us, parcel = event.at_us, self._parcels.get(event.pid)
        ruled, told = self._rulings.by_hand(event, parcel)
        if told is not None:
            self._rulings.told(told)
        if parcel is None or not may_code(parcel):
            key = "coded-late" if told is None else "coded-next-lap"
            return [Notice(at_us, key, event.waybill or str(event.pid))]
        ahead = tuple(chute for chute in ruled.chutes if not self._passed(parcel, chute))
        pick = self._pick(replace(ruled, chutes=ahead), parcel)
        if pick.chute == REJECT and event.mark is Mark.NONE:
            key = "coded-late" if ruled.chutes and not ahead else "coded-no-route"
            return [Notice(at_us, key, str(event.pid))]
        return [*self._decided(parcel, ruled, pick, at_us), Notice(at_us, "coded", str(event.pid))]

    def _link_up(self, event: LinkUp) -> list[Effect]:
        ended = self._new_boot(event.boot_id, event.at_us)
        told = Notice(event.at_us, "link-up", str(event.boot_id))
        return [*ended, told, *self._goal.linked(event)]

    def _disk_space(self, event: DiskSpace) -> list[Notice]:
        before, self._room = self._room, event.room
        return room_notices(before, event)

    def _state_changed(self, event: StateChanged) -> list[Effect]:
        return [Notice(event.at_us, "state", event.state.name), *self._goal.changed(event)]
