"""The line PLC's program: tracking, gap check, camera trigger, firing, confirmation, as pure code.

`scan(inputs) -> outputs` is called on the PLC's scan grid when an input has changed or `next_due()`
has come; calling it at every scan gives the same. A PLC programmer implements this.

A parcel's way: induct eye -> Inducted -> cameras -> the eye before its diverter arms it -> the diverter
fires by encoder -> the chute's eye confirms -> Left. Whatever does not fit rides to the exception end.
"""

from __future__ import annotations

from typing import Final

from plc.agenda import NEVER, Agenda
from plc.diverting import Diverting
from plc.encoder import EncoderWatch
from plc.jobs import Job, Ledger, Overdue, line_tracker
from plc.modes import NO_COMMAND, OK, Modes
from plc.orders import verdict_on
from plc.signals import Inputs, Outputs
from sorter.flow import (
    ENCODER_SPAN,
    REJECT,
    Answered,
    Assign,
    EncoderTrouble,
    Inducted,
    Jammed,
    PackState,
    Result,
    Triggered,
    Verdict,
    encoder_delta,
)
from sorter.layout import Camera, Layout
from sorter.tracking import Track, Tracker

DUE_NOW: Final = -NEVER
_SLIPS, _GRIPS = 3, 4


class LineProgram:
    """One line's program. boot_id counts PLC starts; parcel ids carry its low byte.

    tracker  the law of tracking; another one only to show what it would do
    """

    def __init__(self, layout: Layout, boot_id: int, tracker: Tracker | None = None) -> None:
        tracker = tracker or line_tracker(layout)
        self._layout = layout
        self._ledger = Ledger(tracker, boot_id)
        encoder = EncoderWatch(layout)
        self._diverting = Diverting(layout, self._ledger, encoder)
        self._modes = Modes(encoder)
        self._overdue = Overdue()
        self._pictures = Agenda[Camera]()
        self._frames = [0] * len(layout.cameras)
        self._covered_at: dict[int, int] = {}
        self._covered_ms = [0] * len(layout.eyes_mm)
        self._jam_at = self._due_count = self._due_ms = NEVER
        self._slips = False
        self._last: Inputs | None = None
        self._said: Outputs
        self._quiet = self._infeed = False
        self._wheels = self._diverting.wheels
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
        """One scan: see, obey, act, tell; the same object again when it drives and tells nothing new."""
        ledger = self._ledger
        last, self._last = self._last, inputs
        if last is None:
            last = inputs._replace(eyes=0, outlets=0, full=0)
            ledger.begin(inputs.at_ms, inputs.encoder)
        pc, eyes, outlets, full, faults = inputs.pc, inputs.eyes, inputs.outlets, inputs.full, inputs.faults
        passed_ms = (inputs.at_ms - last.at_ms) % (1 << 32)
        moved = encoder_delta(inputs.encoder, last.encoder)
        ledger.begin(ledger.at_ms + passed_ms, ledger.count + moved)
        self._modes.moved(passed_ms, moved, ledger)
        result = OK if pc.command is NO_COMMAND else self._command(inputs, last.eyes)
        if eyes != last.eyes:
            self._belt_eyes(eyes, eyes ^ last.eyes, full, faults)
        if outlets != last.outlets:
            self._chute_eyes(outlets & ~last.outlets)
        if full != last.full:
            ledger.chutes(full, last.full)
        for order in pc.orders:
            ledger.events.append(self._answer(order, faults))
        triggers = self._due() if ledger.count >= self._due_count or ledger.at_ms >= self._due_ms else ()
        changed = self._modes.step(inputs.safe, pc.alive, ledger)
        if not self._modes.fires:
            self._diverting.disarm()
            self._plan()
        elif changed and (self._diverting.halted or self._diverting.waits):
            self._diverting.watch()
            self._plan()
        infeed = self._modes.infeed_open(pc.alive, pc.hold_infeed, inputs.ring_high)
        same = infeed is self._infeed and self._diverting.wheels is self._wheels
        if self._quiet and same and not (changed or result or ledger.events):
            return self._said
        return self._says(infeed, triggers, result)

    def next_due(self) -> tuple[int | None, int | None]:
        """(unwrapped count since boot, ms since boot) at which a scan is needed though nothing changes."""
        at_ms = min(self._due_ms, self._modes.next_ms(self._ledger.at_ms, self._layout.scan_us))
        return (None if self._due_count == NEVER else self._due_count, None if at_ms == NEVER else at_ms)

    @property
    def count(self) -> int:
        """Unwrapped encoder count at the last scan; `next_due` speaks in these."""
        return self._ledger.count

    def _command(self, inputs: Inputs, eyes: int) -> int:
        jammed, self._due_count = self._modes.jammed, DUE_NOW
        result = self._modes.command(inputs, self._ledger)
        if jammed and not self._modes.jammed:
            self._watch_jams_again(eyes)
        return result

    # ------------------------------------------------------------ eyes

    def _belt_eyes(self, eyes: int, changed: int, full: int, faults: int) -> None:
        now = self._ledger.count
        while changed:
            bit = changed & -changed
            changed ^= bit
            eye = bit.bit_length() - 1
            if eyes & bit:
                self._covered_at[eye], self._covered_ms[eye] = now, self._ledger.at_ms
                self._jam_at = min(self._jam_at, now + self._jam_after)
                self._due_count = min(self._due_count, self._jam_at)
            else:
                self._cleared(eye, full, faults)

    def _chute_eyes(self, risen: int) -> None:
        while risen:
            self._due_count = DUE_NOW
            bit = risen & -risen
            risen ^= bit
            self._diverting.outlet_covered(bit.bit_length() - 1, self._modes.encoder_ok)
        if (jam := self._diverting.take_jam()) is not None:
            self._hold(jam)

    def _cleared(self, eye: int, full: int, faults: int) -> None:
        now, nose = self._ledger.count, self._covered_at.pop(eye, None)
        self._due_count = DUE_NOW
        self._watch_jams()
        if nose is None or nose >= now:  # what came back out of the eye has not passed it
            return
        if eye == 0:
            self._induct(nose, now)
        else:
            self._sight(eye, nose, now, full, faults)

    def _induct(self, nose: int, tail: int) -> None:
        ledger, centre, length = self._ledger, (nose + tail) // 2, tail - nose
        job = ledger.open(centre, length)
        ledger.events.append(Inducted(ledger.at_us, job.pid, self._layout.mm(length), centre % ENCODER_SPAN))
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

    def _sight(self, eye: int, nose: int, tail: int, full: int, faults: int) -> None:
        ledger = self._ledger
        sighting = ledger.tracker.seen(eye, (nose + tail) // 2, tail - nose)
        job = ledger.of(sighting.track)
        for track in sighting.merged:
            track.eye = -1
            if (other := ledger.of(track)) is not None:
                ledger.close(other, Result.MERGED, REJECT)
            if job is not None:
                job.fate = Result.MERGED
        if sighting.doubtful and job is not None:
            job.fate = job.fate or Result.GAP_TOO_SMALL
        if ledger.tracker.slips is not self._slips:
            self._slips = not self._slips
            ledger.events.append(EncoderTrouble(ledger.at_us, _SLIPS if self._slips else _GRIPS))
        self._diverting.passed(eye - 2)
        if eye == len(ledger.tracker.eyes) - 1:
            self._at_end(sighting.track, job)
            return
        self._watch(sighting.track)
        if job is not None:
            self._diverting.reached(job, eye - 1, full, faults, (self._covered_ms[eye], nose))

    def _at_end(self, track: Track, job: Job | None) -> None:
        if job is None:
            self._ledger.drop(track)
            self._ledger.stray(REJECT)
            return
        if job.fired is not None:
            job.fate = Result.DIVERTER_FAULT
        self._ledger.finish(job, job.fate or (Result.OK if job.told == REJECT else Result.UNASSIGNED), REJECT)

    def _watch(self, track: Track) -> None:
        self._overdue.add(self._ledger.tracker.overdue_at(track), (track, track.eye))

    # ------------------------------------------------------------ orders

    def _answer(self, order: Assign, faults: int) -> Answered:
        ledger = self._ledger
        verdict = verdict_on(order, ledger, self._layout, faults)
        job = ledger.jobs.get(order.pid)
        if verdict is Verdict.TAKEN:
            assert job is not None
            job.told, job.alternate, job.aim = order.chute, order.alternate, order.chute
        return Answered(ledger.at_us, order.pid, verdict, order.chute, ledger.encoder)

    # ------------------------------------------------------------ what is due

    def _due(self) -> tuple[Triggered, ...]:
        ledger = self._ledger
        triggers: tuple[Triggered, ...] = ()
        while (camera := self._pictures.pop(ledger.count)) is not None:
            self._frames[camera.id] = self._frames[camera.id] % 0xFFFF + 1
            triggers += (Triggered(ledger.at_us, camera.id, self._frames[camera.id], ledger.encoder),)
        ledger.events += triggers
        if not self._diverting.run():
            self._modes.encoder_failed(ledger)
        while (item := self._overdue.pop(ledger.count)) is not None:
            if item[1] in self._covered_at:  # it may be under what the eye sees now: wait for its tail
                self._overdue.add(ledger.count + self._min_gap, item)
            else:
                self._passed_unseen(item[0])
        if self._jam_at <= ledger.count:
            self._jammed()
        self._plan()
        return triggers

    def _plan(self) -> None:
        """Find out when something is due next; whatever may bring that forward sets it to DUE_NOW."""
        diverting = self._diverting
        sights = min(self._overdue.next(), self._pictures.next())
        self._due_count = min(min(diverting.next_count(), sights), self._jam_at)
        self._due_ms = diverting.next_ms()

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

    def _watch_jams(self) -> None:
        self._jam_at = min(self._covered_at.values(), default=NEVER) + self._jam_after

    def _watch_jams_again(self, eyes: int) -> None:
        """The line goes on after a jam: an eye that is covered still is counted from here."""
        for eye in range(eyes.bit_length()):
            if eyes >> eye & 1:
                self._covered_at.setdefault(eye, self._ledger.count)
        self._watch_jams()

    def _jammed(self) -> None:
        eye = min(self._covered_at, key=lambda eye: self._covered_at[eye])
        del self._covered_at[eye]
        self._watch_jams()
        self._hold(Jammed(self._ledger.at_us, eye))

    def _hold(self, jam: Jammed) -> None:
        self._ledger.events.append(jam)
        self._modes.jam(jam.code)

    def _says(self, infeed: bool, triggers: tuple[Triggered, ...], result: int) -> Outputs:
        modes, events = self._modes, tuple(self._ledger.events)
        self._infeed, self._wheels = infeed, self._diverting.wheels
        self._quiet = not (events or result)
        self._said = Outputs(
            modes.state, modes.belt_run, infeed, self._wheels, triggers, events,
            modes.jammed, modes.encoder_ok, modes.fault, result,
        )  # fmt: skip
        return self._said
