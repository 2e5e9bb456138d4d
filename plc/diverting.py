"""From the eye before a diverter to the eye in the chute: arm, fire, confirm, or find out what failed.

Wheels turn there and back by counts. Lost counts leave them turned for the parcel behind, long before an
encoder can be said to stand: so each turn is due by the clock, too. Since the eye saw the parcel's nose, half
a window and a tenth of the way may be missing. On the default line that is found after 190 mm at the latest:
with hold, two scans and half the switching time less than a pitch (`tests/test_plc_lost_counts.py`).
"""

from __future__ import annotations

from plc.agenda import NEVER
from plc.encoder import EncoderWatch
from plc.jobs import Expected, Job, Ledger, Steps, Turned
from sorter.flow import REJECT, Jammed, Result
from sorter.layout import Layout
from sorter.timing import fire_lead_mm, needed_pitch_mm
from sorter.tracking import Track

DIVERTER_TURNED = 2
SWEPT_BEFORE_TURNED = 2
"""Parcels in a row that a diverter took without having been told, none passing it: it stands turned."""


class Diverting:
    """Wheel diverters and chute eyes of one line.

    wheels  commanded direction per diverter: -1, 0, +1; another tuple when one of them changes
    halted  the belt stood when a wheel was last found turned: `watch` when it may be driven again
    """

    def __init__(self, layout: Layout, ledger: Ledger, encoder: EncoderWatch) -> None:
        self.wheels = self._straight = (0,) * len(layout.diverters)
        self._jam: Jammed | None = None
        self._swept_in_a_row = [0] * len(layout.diverters)
        self._layout = layout
        self._ledger = ledger
        self._encoder = encoder
        leads = [
            fire_lead_mm(layout.belt.speed_mm_s, diverter.switch_us, layout.scan_us)
            for diverter in layout.diverters
        ]
        self._leads = [layout.counts(lead) for lead in leads]
        self._pitches = [layout.counts(needed_pitch_mm(lead, layout.hold_mm)) for lead in leads]
        self._hold = layout.counts(layout.hold_mm)
        self._window = layout.counts(layout.window_mm)
        self._missable = self._window // 2
        self._speed = layout.counts(layout.belt.speed_mm_s)
        self._pivots = [layout.counts(diverter.pivot_mm) for diverter in layout.diverters]
        self._fall_ms = [chute.fall_us // 1000 for chute in layout.chutes]
        self._confirm_ms = layout.infeed.min_pitch_mm * 500 // layout.belt.speed_mm_s
        self._owner: list[Job | None] = [None] * len(layout.diverters)
        self._fired_ms = [0] * len(layout.diverters)
        self._steps = Steps()
        self._turned = Turned()
        self._late_ms = NEVER
        self._lost = self.halted = False
        self._waiting: list[Job] = []
        self._expected = Expected()
        self._falling: list[list[Job]] = [[] for _ in layout.chutes]

    def reached(self, job: Job, diverter: int, full: int, faults: int, nose: tuple[int, int]) -> None:
        """The parcel was seen by the eye before `diverter`: arm it if this is its way out.

        nose  time and count at which the eye saw its nose
        """
        if job.fired is not None:
            self._failed(job)
        if job.fate is None and self._diverter(job.aim) == diverter:
            job.aim = self._usable(job, full, faults)
            if self._diverter(job.aim) == diverter:
                job.lag = self._encoder.due(nose[0]) - nose[1]
                pivot = job.track.place + self._pivots[diverter]
                self._steps.add(pivot - self._leads[diverter], ("fire", job))

    def passed(self, diverter: int) -> None:
        """Something was seen behind `diverter` (below 0: before them all): it does not stand turned."""
        if diverter >= 0:
            self._swept_in_a_row[diverter] = 0

    def take_jam(self) -> Jammed | None:
        """A diverter that was found to stand turned since the last call: the line must not go on."""
        jam, self._jam = self._jam, None
        return jam

    def unarmed(self, job: Job, diverter: int) -> None:
        """The eye before `diverter` missed the parcel: without a fresh sighting nothing is fired."""
        if job.fate is None and self._diverter(job.aim) == diverter:
            job.fate = Result.DIVERTER_FAULT

    def run(self) -> bool:
        """Do what is due at this count and at this time; False when counts are missing as a wheel turns."""
        now, self._lost = self._ledger.count, False
        while (step := self._steps.pop(now)) is not None:
            self._do(*step)
        while (job := self._expected.pop(self._ledger.at_ms)) is not None:
            self._not_confirmed(job)
        if self._ledger.at_ms >= self._late_ms:
            if self._turned.pop(self._encoder.due(self._ledger.at_ms)) is not None:
                self._lost = True
            self.watch()
        return not self._lost

    def outlet_covered(self, chute: int, counted: bool) -> None:
        """The eye in `chute` sees something: the parcel expected there, a swept one, or a stranger.

        counted  the counts are believed: without them nobody knows who was swept
        """
        at_ms = self._ledger.at_ms
        falling = self._falling[chute] = [job for job in self._falling[chute] if job.open]
        due = [job for job in falling if abs(job.confirm_ms - at_ms) <= self._confirm_ms]
        if (job := self._stopped_at_pivot(chute)) is not None and not due:
            self._ledger.finish(job, self._success(job, chute), chute)
        elif due:
            job = min(due, key=lambda job: abs(job.confirm_ms - at_ms))
            falling.remove(job)
            self._ledger.finish(job, self._success(job, chute), chute)
        else:
            self._swept(chute, counted)

    def _stopped_at_pivot(self, chute: int) -> Job | None:
        """Fired for this chute, and the belt stopped when it was thrown: by counts it is at the pivot yet."""
        diverter = self._layout.chutes[chute].diverter
        job = self._owner[diverter]
        if job is None or not job.open or job.fired != chute:
            return None
        beyond = self._ledger.count - job.track.place - self._pivots[diverter]
        ran_ms = (beyond + self._leads[diverter]) * 1000 // self._speed
        stood_ms = self._ledger.at_ms - self._fired_ms[diverter] - ran_ms
        return job if stood_ms > self._confirm_ms and abs(beyond) <= self._window else None

    def passed_unseen(self, job: Job) -> None:
        """A fired parcel was not seen behind its diverter: it is in the chute, or gone."""
        if job.unconfirmed:
            self._give_up(job)
        job.gone = True

    def disarm(self) -> None:
        """The line was aborted: nothing stored fires any more, every wheel stands straight."""
        self.wheels = self._straight
        self._owner = [None] * len(self._owner)
        self._steps.clear()
        self._waiting.clear()
        self._turned.clear()
        self.watch()

    def next_count(self) -> int:
        """Belt count at which `run` has something to do, or NEVER."""
        return self._steps.next()

    def next_ms(self) -> int:
        """Time at which `run` has something to do, or NEVER."""
        return min(self._expected.next(), self._late_ms)

    @property
    def waits(self) -> bool:
        """A wheel is to be turned, and the belt stands: hands may be there, so it waits for the drive."""
        return bool(self._waiting)

    def watch(self) -> None:
        """Find out when the clock says next that a wheel must have turned back."""
        first, self._late_ms = self._turned.next(), NEVER
        if first != NEVER:
            self._late_ms = self._encoder.next_ms(first, self._ledger.at_ms)
        self.halted = first != NEVER and self._late_ms == NEVER
        if self._waiting and not self._encoder.stands(self._ledger.at_ms):
            waiting, self._waiting = self._waiting, []
            for job in waiting:
                self._resume(job)

    def _resume(self, job: Job) -> None:
        """Turn now for a parcel that somebody may have moved meanwhile, unless it lies at the wheels."""
        count = self._ledger.count
        beyond = count - job.track.place - self._pivots[self._diverter(job.aim)]
        if job.fate is None and beyond > -self._window:
            job.fate = Result.DIVERTER_FAULT
        self._steps.add(count, ("fire", job))

    def _diverter(self, chute: int) -> int:
        return -1 if chute == REJECT else self._layout.chutes[chute].diverter

    def _usable(self, job: Job, full: int, faults: int) -> int:
        """Where the parcel can go from here; sets its fate when that is the exception end."""
        assert job.told is not None
        here = self._diverter(job.aim)
        ways = [job.aim, job.alternate] if job.aim == job.told else [job.aim]
        for chute in ways:
            below = chute == job.aim or self._diverter(chute) > here
            if chute != REJECT and below and not (full >> chute | faults >> self._diverter(chute)) & 1:
                return chute
        broken = faults >> here & 1 and not full >> job.aim & 1
        job.fate = Result.DIVERTER_FAULT if broken else Result.FULL_REJECT
        return REJECT

    def _do(self, what: str, job: Job) -> None:
        if what == "fire":
            self._fire(job)
        elif what == "pass":
            self._pass(job)
        else:
            self._release(job)

    def _fire(self, job: Job) -> None:
        if self._encoder.stands(self._ledger.at_ms):
            self._waiting.append(job)
            return
        tracker, track, diverter = self._ledger.tracker, job.track, self._diverter(job.aim)
        if job.fate is not None or tracker.separation(tracker.index(track)) < self._pitches[diverter]:
            job.fate = job.fate or Result.GAP_TOO_SMALL
            return
        if self._encoder.due(self._ledger.at_ms) - self._ledger.count - job.lag > self._missable:
            self._lost = True
            return
        pivot = track.place + self._pivots[diverter]
        job.fired, track.leaving = job.aim, True
        self._owner[diverter] = job
        self._fired_ms[diverter] = self._ledger.at_ms
        self._turn(diverter, self._layout.chutes[job.aim].side)
        self._steps.add(pivot, ("pass", job))
        self._steps.add(pivot + self._hold, ("release", job))
        job.turned = True
        self._turned.add(pivot + self._hold + job.lag + self._missable, job)
        self.watch()

    def _pass(self, job: Job) -> None:
        if job.fired is None:  # seen behind the diverter before it can have met it: found to have failed
            return
        job.confirm_ms = self._ledger.at_ms + self._fall_ms[job.fired]
        self._falling[job.fired].append(job)
        self._expected.add(job.confirm_ms + self._confirm_ms + 1, job)

    def _release(self, job: Job) -> None:
        assert job.aim != REJECT
        job.turned = False
        self.watch()
        diverter = self._diverter(job.aim)
        if self._owner[diverter] is job:
            self._owner[diverter] = None
            self._turn(diverter, 0)

    def _turn(self, diverter: int, side: int) -> None:
        self.wheels = (*self.wheels[:diverter], side, *self.wheels[diverter + 1 :])

    def _not_confirmed(self, job: Job) -> None:
        self._forget_fall(job)
        job.unconfirmed = True
        if job.gone:
            self._give_up(job)

    def _give_up(self, job: Job) -> None:
        assert job.fired is not None
        self._ledger.finish(job, Result.LOST, job.fired)

    def _failed(self, job: Job) -> None:
        """The parcel is still on the belt behind the diverter that should have taken it."""
        self._forget_fall(job)
        job.fired, job.fate, job.track.leaving = None, Result.DIVERTER_FAULT, False
        job.unconfirmed = job.gone = False

    def _forget_fall(self, job: Job) -> None:
        job.confirm_ms = -1
        if job.fired is not None and job in self._falling[job.fired]:
            self._falling[job.fired].remove(job)

    def _success(self, job: Job, chute: int) -> Result:
        return Result.OK if chute == job.told else Result.FULL_ALTERNATE

    def _swept(self, chute: int, counted: bool) -> None:
        """Nothing was sent here: whichever single object met this diverter then was swept in."""
        swept = self._met(chute) if counted else None
        if swept is None:
            self._ledger.stray(chute)
            return
        diverter = self._diverter(chute)
        self._swept_in_a_row[diverter] += 1
        if self._swept_in_a_row[diverter] >= SWEPT_BEFORE_TURNED:
            self._swept_in_a_row[diverter] = 0
            self._jam = Jammed(self._ledger.at_us, diverter, DIVERTER_TURNED)
        if (job := self._ledger.of(swept)) is not None:
            self._forget_fall(job)
            self._ledger.finish(job, Result.DIVERTER_FAULT, chute)
        else:
            self._ledger.drop(swept)
            self._ledger.stray(chute)

    def _met(self, chute: int) -> Track | None:
        """The only object that was at the chute's diverter when what falls past its eye now left the belt."""
        diverter, at_ms = self._diverter(chute), self._ledger.at_ms
        then = self._encoder.then(at_ms - self._fall_ms[chute], at_ms, self._ledger.count)
        if then is None:
            return None
        near = self._ledger.tracker.near(then - self._pivots[diverter], self._window)
        near = [track for track in near if track.eye <= diverter + 2]
        return near[0] if len(near) == 1 else None
