"""The PLC's open parcels: what was ordered for each, and the word with which each leaves."""

from __future__ import annotations

from dataclasses import dataclass

from plc.agenda import Agenda
from sorter.flow import ENCODER_SPAN, REJECT, ChuteChanged, Event, Left, Result
from sorter.layout import Layout
from sorter.timing import way_mm
from sorter.tracking import Track, Tracker

LENGTH_SLACK_MM = 10


def line_tracker(layout: Layout, kind: type[Tracker] = Tracker) -> Tracker:
    """The tracker of a line's eyes."""
    # Both edges of both lengths are latched by a scan.
    scan_mm = way_mm(layout.belt.speed_mm_s, layout.scan_us)
    eyes = [layout.counts(mm) for mm in layout.eyes_mm]
    return kind(eyes, layout.counts(layout.window_mm), layout.counts(2 * scan_mm + LENGTH_SLACK_MM))


@dataclass(slots=True, eq=False)
class Job:
    """One parcel with identity, from induction to its result.

    told, alternate  as ordered; None while nothing was ordered
    aim              the outlet it is heading for now
    fired            the chute a diverter was fired for, None before
    lag              counts due of the belt less those made, as the eye before its diverter saw its nose
    turned           a wheel is turned for it
    confirm_ms       when the chute's eye should see it, -1 while it is on the belt
    unconfirmed      the chute's eye did not see it in time
    gone             the belt eye behind the diverter did not see it either
    fate             why it must ride to the end, None while it may be diverted
    """

    pid: int
    track: Track
    told: int | None = None
    alternate: int = REJECT
    aim: int = REJECT
    fired: int | None = None
    lag: int = 0
    turned: bool = False
    confirm_ms: int = -1
    unconfirmed: bool = False
    gone: bool = False
    fate: Result | None = None
    open: bool = True


class Ledger:
    """Everything on the belt: tracks, jobs by parcel id, and the events that are to be told.

    `begin(at_ms, count)` stamps what happens in this scan (`count` unwrapped).
    """

    def __init__(self, tracker: Tracker, boot_id: int) -> None:
        self.tracker = tracker
        self.jobs: dict[int, Job] = {}
        self.events: list[Event] = []
        self.at_ms = 0
        self.count = 0
        self._boot = (boot_id & 0xFF) << 24
        self._issued = 0

    @property
    def at_us(self) -> int:
        """Stamp of events of this scan."""
        return self.at_ms * 1000

    @property
    def encoder(self) -> int:
        """This scan's count as the u32 that goes on the wire."""
        return self.count % ENCODER_SPAN

    def begin(self, at_ms: int, count: int) -> None:
        """Start a scan: nothing told yet."""
        self.at_ms, self.count = at_ms, count
        if self.events:
            self.events = []

    def open(self, centre: int, length: int) -> Job:
        """A parcel begins; its id is the low byte of the boot number and a counter that starts at 1."""
        self._issued = self._issued % 0xFFFFFF + 1
        job = Job(self._boot | self._issued, self.tracker.induct(self._boot | self._issued, centre, length))
        self.jobs[job.pid] = job
        return job

    def of(self, track: Track) -> Job | None:
        """The job of a track; None for an object without identity."""
        return self.jobs.get(track.pid) if track.pid else None

    def finish(self, job: Job, result: Result, chute: int) -> None:
        """The parcel has left (or is given up): tell it once and forget it."""
        self.drop(job.track)
        self.close(job, result, chute)

    def close(self, job: Job, result: Result, chute: int) -> None:
        """Tell a parcel's result when its track is gone already."""
        assert job.open, "a parcel has one result"
        job.open = False
        del self.jobs[job.pid]
        self.events.append(Left(self.at_us, job.pid, result, chute, self.encoder))

    def drop(self, track: Track) -> None:
        """The object is off the belt; nothing more is expected of it."""
        self.tracker.remove(track)
        track.eye = -1

    def stray(self, chute: int) -> None:
        """An object without identity came out by `chute`."""
        self.events.append(Left(self.at_us, 0, Result.STRAY, chute, self.encoder))

    def chutes(self, full: int, last: int) -> None:
        """Tell which chutes have become full or clear; bit c = chute c."""
        changed = full ^ last
        for chute in range(changed.bit_length()):
            if changed >> chute & 1:
                self.events.append(ChuteChanged(self.at_us, chute, bool(full >> chute & 1)))

    def purge(self) -> None:
        """Forget the belt: every parcel ends as purged, objects still there will be unknown."""
        for job in list(self.jobs.values()):
            self.finish(job, Result.PURGED, REJECT)
        for track in list(self.tracker.tracks):
            self.drop(track)


class Steps(Agenda[tuple[str, Job]]):
    """What a diverter does for a job, by its count: "fire", "pass" and "release"."""

    def stale(self, item: tuple[str, Job]) -> bool:
        """A wheel is turned back, whatever became of the parcel."""
        return not item[1].open and item[0] != "release"


class Turned(Agenda[Job]):
    """Jobs for which a wheel is turned, by what is due of the belt when it must have turned back."""

    def stale(self, item: Job) -> bool:
        """It has."""
        return not item.turned


class Expected(Agenda[Job]):
    """Jobs that a chute's eye should have seen, by the time for it."""

    def stale(self, item: Job) -> bool:
        """It has left, or has not been thrown after all."""
        return not item.open or item.confirm_ms < 0


class Overdue(Agenda[tuple[Track, int]]):
    """Tracks and the eye that should see each by a count."""

    def stale(self, item: tuple[Track, int]) -> bool:
        """It has been seen, or is past that eye."""
        return item[0].eye != item[1]
