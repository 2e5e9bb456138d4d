"""Which object on the belt is which: the law of tracking, written once.

The belt is rigid, so an object keeps its *place*: the (unwrapped) encoder count at which its centre
was at the induct eye. An eye at position p that sees a centre at count c has seen place c - p. An
object is the one expected only within its window, at most half the way to its nearest neighbour, so
that two objects can never both claim a sighting; what nobody claims is unknown. Every sighting
re-bases the place, so slip never adds up over more than one section.

Everything here is in counts. Source: docs/architecture.md, "The law of tracking".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sorter.doubt import Doubt

MISSES_BEFORE_LOST = 2
"""One eye may fail once; an object that two eyes in a row did not see is not there any more."""


@dataclass(slots=True, eq=False)
class Track:
    """One object on the belt. pid 0 = without identity; eye = the next eye that should see it.

    leaving  a diverter has been turned for it: no further eye should see it
    """

    pid: int
    place: int
    length: int
    eye: int
    missed: int = 0
    leaving: bool = False


class Sighting(NamedTuple):
    """What an eye saw: the track it was, and further tracks that have merged into it.

    doubtful  it may be another object that is late: `sorter.doubt`
    """

    track: Track
    merged: tuple[Track, ...] = ()
    doubtful: bool = False


class Tracker:
    """Objects between the induct eye and the end, most downstream first.

    eyes    position of each belt eye, counts from the induct eye, rising
    window  most that an object may be off its place, counts
    tolerance  most by which two measured lengths of one object differ, counts; 0 = they are not compared
    slips   somewhere other objects come than are expected
    """

    def __init__(self, eyes: Sequence[int], window: int, tolerance: int = 0) -> None:
        self.eyes = tuple(eyes)
        self.max_window = window
        self.tracks: list[Track] = []
        self.slips = False
        ways = [here - before for before, here in pairwise((0, *eyes))]
        self._doubts = [Doubt(tolerance, window // 4, way) for way in ways] if tolerance else []

    def induct(self, pid: int, centre: int, length: int) -> Track:
        """Begin a track: an object's centre was at the induct eye at count `centre`."""
        track = Track(pid, centre, length, eye=1)
        self._insert(track)
        return track

    def seen(self, eye: int, centre: int, length: int) -> Sighting:
        """Eye `eye` saw an object pass with its centre at count `centre`.

        Returns the track it is, re-based; an object that nobody claims begins a track with pid 0.
        """
        place = centre - self.eyes[eye]
        inside, track = self._candidates(eye, place, length // 2)
        if len(inside) > 1:
            return self._merge(inside, eye, place, length)
        doubtful = False
        if track is None:
            track = Track(0, place, length, eye + 1)
            self._insert(track)
        else:
            doubtful = bool(self._doubts) and self._doubted(track, eye, place, length)
            track.place, track.eye, track.missed = place, eye + 1, 0
        return Sighting(track, (), doubtful)

    def _doubted(self, track: Track, eye: int, place: int, length: int) -> bool:
        """Whoever is further down the belt should have been seen here before."""
        doubt, at = self._doubts[eye], self.index(track) - 1
        while at >= 0 and self.tracks[at].eye <= eye:
            if not self.tracks[at].leaving:
                doubt.missed(self.tracks[at].place, self.tracks[at].length)
            at -= 1
        slipped = doubt.slips
        doubtful = doubt.doubts(track.place, track.length, place - track.place, length)
        if doubt.slips is not slipped:
            self.slips = any(one.slips for one in self._doubts)
        return doubtful

    def passed_unseen(self, track: Track) -> bool:
        """Note that `track` passed its next eye unseen; True when it must be taken for lost."""
        if self._doubts and not track.leaving:
            self._doubts[track.eye].missed(track.place, track.length)
        track.eye += 1
        track.missed += 1
        return track.missed >= MISSES_BEFORE_LOST or track.eye >= len(self.eyes)

    def overdue_at(self, track: Track) -> int:
        """Count by which the next eye has seen the track's tail, if it is there at all; exclusive."""
        return track.place + self.eyes[track.eye] + track.length // 2 + 2 * self.max_window

    def window(self, index: int) -> int:
        """How far tracks[index] may be off: the most allowed, or just under half the way to a neighbour."""
        return min(self.max_window, (self.separation(index) - 1) // 2)

    def separation(self, index: int) -> int:
        """Counts between the centres of tracks[index] and its nearest neighbour."""
        place = self.tracks[index].place
        ahead = place - self.tracks[index - 1].place if index else self.eyes[-1]
        behind = self.tracks[index + 1].place - place if index + 1 < len(self.tracks) else self.eyes[-1]
        return min(ahead, behind)

    def index(self, track: Track) -> int:
        """Position of a track in `tracks`."""
        at = self._first_from(track.place)
        while self.tracks[at] is not track:
            at += 1
        return at

    def remove(self, track: Track) -> None:
        """The object is off the belt."""
        del self.tracks[self.index(track)]

    def near(self, place: int, reach: int) -> list[Track]:
        """Tracks whose place is within `reach` of `place`."""
        return self.tracks[self._first_from(place - reach) : self._first_from(place + reach + 1)]

    def _candidates(self, eye: int, place: int, half: int) -> tuple[list[Track], Track | None]:
        """Tracks not yet beyond this eye: those with centres under the object, and the one it must be."""
        tracks, reach = self.tracks, max(half, self.max_window)
        inside, claimant = list[Track](), None
        for index in range(self._first_from(place - reach), len(tracks)):
            track = tracks[index]
            off = abs(track.place - place)
            if off > reach:
                break
            if track.eye <= eye:
                if off <= half:
                    inside.append(track)
                if claimant is None and off <= self.window(index):
                    claimant = track
        return inside, claimant

    def _merge(self, inside: list[Track], eye: int, place: int, length: int) -> Sighting:
        first = next((track for track in inside if track.pid), inside[0])
        others = [track for track in inside if track is not first]
        for track in inside:
            self.remove(track)
        first.place, first.length, first.eye, first.missed = place, length, eye + 1, 0
        self._insert(first)
        return Sighting(first, tuple(others))

    def _insert(self, track: Track) -> None:
        self.tracks.insert(self._first_from(track.place + 1), track)

    def _first_from(self, place: int) -> int:
        """Position of the first track at `place` or beyond; `bisect` would ask a function for each."""
        low, high = 0, len(self.tracks)
        while low < high:
            middle = (low + high) // 2
            if self.tracks[middle].place < place:
                low = middle + 1
            else:
                high = middle
        return low
