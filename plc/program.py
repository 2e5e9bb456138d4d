"""The line PLC's program: tracking, gap check, camera trigger, firing, confirmation, as pure code.

`scan(inputs) -> outputs` is called on the PLC's scan grid when an input has changed or `next_due()`
has come; calling it at every scan gives the same. A PLC programmer implements this.

A parcel's way: induct eye -> Inducted -> cameras -> the eye before its diverter arms it -> the diverter
fires by encoder -> the chute's eye confirms -> Left. Whatever does not fit rides to the exception end.
"""

from __future__ import annotations

from plc.agenda import Agenda
from plc.diverting import Diverting
from plc.jobs import Job, Ledger
from plc.modes import Modes
from plc.signals import Inputs, Outputs
from sorter.flow import (
    REJECT,
    Answered,
    Assign,
    ChuteChanged,
    Inducted,
    Jammed,
    PackCommand,
    PackState,
    Result,
    Triggered,
    Verdict,
    encoder_delta,
)
from sorter.layout import Camera, Layout
from sorter.tracking import Track, Tracker


def line_tracker(layout: Layout, kind: type[Tracker] = Tracker) -> Tracker:
    """The tracker of a line's eyes."""
    return kind([layout.counts(mm) for mm in layout.eyes_mm], layout.counts(layout.window_mm))


NOTHING_FIRES = frozenset({PackState.ABORTING, PackState.ABORTED, PackState.CLEARING})


class LineProgram:
    """One line's program. boot_id counts PLC starts; parcel ids carry its low byte.

    tracker  the law of tracking; another one only to show what it would do
    """

    def __init__(self, layout: Layout, boot_id: int, tracker: Tracker | None = None) -> None:
        tracker = tracker or line_tracker(layout)
        self._layout = layout
        self._ledger = Ledger(tracker, boot_id)
        self._diverting = Diverting(layout, self._ledger)
        self._modes = Modes()
        self._overdue: Agenda[tuple[Track, int]] = Agenda(lambda item: item[0].eye != item[1])
        self._pictures: Agenda[Camera] = Agenda(lambda camera: False)
        self._frames = [0] * len(layout.cameras)
        self._covered_at: dict[int, int] = {}
        self._last: Inputs | None = None
        self._last_tail = -layout.counts(layout.infeed.longest_mm)
        self._last_job: Job | None = None
        self._longest = layout.counts(layout.infeed.longest_mm + layout.window_mm)
        self._jam_after = 2 * self._longest
        self._min_gap = 2 * layout.counts(layout.window_mm)

    @property
    def state(self) -> PackState:
        """PackML state after the last scan."""
        return self._modes.state

    def scan(self, inputs: Inputs) -> Outputs:
        """One scan: see, obey, act, tell."""
        last = self._last or inputs
        ledger = self._ledger
        ledger.begin(
            ledger.at_ms + (inputs.at_ms - last.at_ms) % (1 << 32) if self._last else inputs.at_ms,
            ledger.count + encoder_delta(inputs.encoder, last.encoder) if self._last else inputs.encoder,
        )
        self._last = inputs
        jammed = self._modes.jammed
        result = self._modes.command(inputs, ledger)
        if jammed and not self._modes.jammed:
            self._watch_jams_again(last.eyes)
        self._edges(inputs, 0 if last is inputs else last.eyes, 0 if last is inputs else last.outlets)
        self._chutes(inputs.full, 0 if last is inputs else last.full)
        for order in inputs.pc.orders:
            ledger.events.append(self._answer(order, inputs.faults))
        triggers = self._due()
        self._modes.step(inputs, ledger)
        if self._modes.state in NOTHING_FIRES:
            self._diverting.disarm()
        return self._outputs(inputs, triggers, result)

    def next_due(self) -> tuple[int | None, int | None]:
        """(unwrapped count since boot, ms since boot) at which a scan is needed though nothing changes."""
        counts = (self._diverting.next_count(), self._overdue.next(), self._pictures.next(), self._jam_at())
        times = (self._diverting.next_ms(), self._modes.next_ms(self._ledger.at_ms, self._layout.scan_us))
        return (
            min((due for due in counts if due is not None), default=None),
            min((due for due in times if due is not None), default=None),
        )

    @property
    def count(self) -> int:
        """Unwrapped encoder count at the last scan; `next_due` speaks in these."""
        return self._ledger.count

    # ------------------------------------------------------------ eyes

    def _edges(self, inputs: Inputs, eyes: int, outlets: int) -> None:
        changed = inputs.eyes ^ eyes
        while changed:
            bit = changed & -changed
            changed ^= bit
            self._edge(bit.bit_length() - 1, bool(inputs.eyes & bit), inputs)
        risen = inputs.outlets & ~outlets
        while risen:
            bit = risen & -risen
            risen ^= bit
            self._diverting.outlet_covered(bit.bit_length() - 1)

    def _edge(self, eye: int, covered: bool, inputs: Inputs) -> None:
        now = self._ledger.count
        if covered:
            self._covered_at[eye] = now
            return
        nose = self._covered_at.pop(eye, None)
        if nose is None or nose >= now:  # what came back out of the eye has not passed it
            return
        if eye == 0:
            self._induct(nose, now)
        else:
            self._sight(eye, nose, now, inputs)

    def _induct(self, nose: int, tail: int) -> None:
        ledger, centre, length = self._ledger, (nose + tail) // 2, tail - nose
        job = ledger.open(centre, length)
        ledger.events.append(
            Inducted(ledger.at_us, job.pid, self._layout.mm(length), centre % (1 << 32))
        )  # fmt: skip
        if length > self._longest:
            job.fate = Result.MERGED
        if nose - self._last_tail < self._min_gap:
            self._too_close(job)
        self._last_tail, self._last_job = tail, job
        self._watch(job.track)
        for camera in self._layout.cameras:
            for look in camera.looks_mm:
                self._pictures.add(centre + self._layout.counts(camera.position_mm + look), camera)

    def _too_close(self, job: Job) -> None:
        """Neighbours closer than two windows cannot be told apart for sure: neither is diverted."""
        for one in (job, self._last_job):
            if one is not None and one.open and one.fired is None:
                one.fate = one.fate or Result.GAP_TOO_SMALL

    def _sight(self, eye: int, nose: int, tail: int, inputs: Inputs) -> None:
        ledger = self._ledger
        sighting = ledger.tracker.seen(eye, (nose + tail) // 2, tail - nose)
        job = ledger.of(sighting.track)
        for track in sighting.merged:
            track.eye = -1
            if (other := ledger.of(track)) is not None:
                ledger.close(other, Result.MERGED, REJECT)
            if job is not None:
                job.fate = Result.MERGED
        if eye == len(ledger.tracker.eyes) - 1:
            self._at_end(sighting.track, job)
            return
        self._watch(sighting.track)
        if job is not None:
            self._diverting.reached(job, eye - 1, inputs.full, inputs.faults)

    def _at_end(self, track: Track, job: Job | None) -> None:
        if job is None:
            self._ledger.drop(track)
            self._ledger.stray(REJECT)
            return
        if job.fired is not None:
            job.fate = Result.DIVERTER_FAULT
        wanted = Result.OK if job.told == REJECT else Result.UNASSIGNED
        self._ledger.finish(job, job.fate or wanted, REJECT)

    def _watch(self, track: Track) -> None:
        self._overdue.add(self._ledger.tracker.overdue_at(track), (track, track.eye))

    # ------------------------------------------------------------ orders

    def _answer(self, order: Assign, faults: int) -> Answered:
        ledger = self._ledger
        verdict = self._verdict(order, faults)
        job = ledger.jobs.get(order.pid)
        if verdict is Verdict.TAKEN:
            assert job is not None
            job.told, job.alternate, job.aim = order.chute, order.alternate, order.chute
        return Answered(ledger.at_us, order.pid, verdict, order.chute, ledger.encoder)

    def _verdict(self, order: Assign, faults: int) -> Verdict:
        """SORT-MAP 1.0, rule 5: the order of these questions is part of the contract."""
        job = self._ledger.jobs.get(order.pid)
        if job is None:
            return Verdict.UNKNOWN_ID
        if job.told is not None:
            same = (job.told, job.alternate) == (order.chute, order.alternate)
            return Verdict.SAME_AGAIN if same else Verdict.CONFLICTING
        if order.chute == REJECT:
            return Verdict.TAKEN
        if order.chute >= len(self._layout.chutes):
            return Verdict.NO_SUCH_CHUTE
        if self._too_late(order, job):
            return Verdict.TOO_LATE
        broken = faults >> self._layout.chutes[order.chute].diverter & 1
        return Verdict.CHUTE_DISABLED if broken else Verdict.TAKEN

    def _too_late(self, order: Assign, job: Job) -> bool:
        ledger = self._ledger
        expired = order.deadline_encoder and encoder_delta(ledger.encoder, order.deadline_encoder) > 0
        return bool(expired) or ledger.count > job.track.place + self._layout.decision_counts[order.chute]

    # ------------------------------------------------------------ what is due

    def _due(self) -> tuple[Triggered, ...]:
        ledger = self._ledger
        triggers = []
        while (camera := self._pictures.pop(ledger.count)) is not None:
            self._frames[camera.id] = self._frames[camera.id] % 0xFFFF + 1
            triggers.append(Triggered(ledger.at_us, camera.id, self._frames[camera.id], ledger.encoder))
        ledger.events += triggers
        self._diverting.run()
        while (item := self._overdue.pop(ledger.count)) is not None:
            if item[1] in self._covered_at:  # it may be under what the eye sees now: wait for its tail
                self._overdue.add(ledger.count + self._min_gap, item)
            else:
                self._passed_unseen(item[0])
        jam_at = self._jam_at()
        if jam_at is not None and jam_at <= ledger.count:
            self._jammed()
        return tuple(triggers)

    def _passed_unseen(self, track: Track) -> None:
        lost = self._ledger.tracker.passed_unseen(track)
        job = self._ledger.of(track)
        if job is not None and job.fired is not None:
            self._diverting.passed_unseen(job)
        elif lost and job is not None:
            self._ledger.finish(job, Result.LOST, REJECT)
        elif lost:
            self._ledger.drop(track)
        elif job is not None:
            self._diverting.unarmed(job, track.eye - 2)
        if track.eye in range(1, len(self._ledger.tracker.eyes)):
            self._watch(track)

    def _jam_at(self) -> int | None:
        return min(self._covered_at.values()) + self._jam_after if self._covered_at else None

    def _watch_jams_again(self, eyes: int) -> None:
        """The line goes on after a jam: an eye that is covered still is counted from here."""
        for eye in range(eyes.bit_length()):
            if eyes >> eye & 1:
                self._covered_at.setdefault(eye, self._ledger.count)

    def _jammed(self) -> None:
        eye = min(self._covered_at, key=lambda eye: self._covered_at[eye])
        del self._covered_at[eye]
        self._ledger.events.append(Jammed(self._ledger.at_us, eye))
        self._modes.jam(eye)

    def _chutes(self, full: int, last: int) -> None:
        changed = full ^ last
        for chute in range(changed.bit_length()):
            if changed >> chute & 1:
                self._ledger.events.append(
                    ChuteChanged(self._ledger.at_us, chute, bool(full >> chute & 1))
                )  # fmt: skip

    def _outputs(self, inputs: Inputs, triggers: tuple[Triggered, ...], result: int) -> Outputs:
        modes = self._modes
        return Outputs(
            state=modes.state,
            belt_run=modes.belt_run,
            infeed=modes.infeed_open(inputs),
            wheels=tuple(self._diverting.wheels),
            triggers=triggers,
            events=tuple(self._ledger.events),
            jammed=modes.jammed,
            encoder_ok=modes.encoder_ok,
            fault=modes.fault,
            command=result if inputs.pc.command is not PackCommand.NONE else 0,
        )
