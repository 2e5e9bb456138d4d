"""What can go wrong on the physical line, asked by the line at the moment it could happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from sorter.flow import Us


class Faults:
    """A line on which nothing fails: the base of all others. Parcels by their number."""

    def slid_nm(self, parcel: int, mark: int) -> int:
        """How far the parcel has slid back on the belt by its n-th mark, nm; never shrinking."""
        return 0

    def eye_blind(self, parcel: int, eye: int) -> bool:
        """A belt eye does not see this parcel."""
        return False

    def wheel_dead(self, parcel: int, diverter: int) -> bool:
        """The wheels turn, but this parcel does not follow them."""
        return False

    def outlet_blind(self, parcel: int, chute: int) -> bool:
        """The eye in a chute does not see this parcel."""
        return False

    def taken_off(self, parcel: int, eye: int) -> bool:
        """Somebody takes the parcel off the belt just before this eye."""
        return False

    def ghost(self, parcel: int, eye: int) -> tuple[Us, Us] | None:
        """A pulse of a belt eye that no parcel caused: how long after this parcel's nose, and how long."""
        return None

    def unread(self, parcel: int) -> bool:
        """The reader makes nothing of this parcel's label though it is printed well."""
        return False


@dataclass(frozen=True)
class Scripted(Faults):
    """Exactly these faults: (parcel, eye) or (parcel, diverter)."""

    blind: frozenset[tuple[int, int]] = field(default=frozenset())
    dead: frozenset[tuple[int, int]] = field(default=frozenset())
    taken: frozenset[tuple[int, int]] = field(default=frozenset())
    slip_nm: dict[int, int] = field(default_factory=dict)

    def slid_nm(self, parcel: int, mark: int) -> int:
        """A parcel of `slip_nm` slides by so much at every mark."""
        return self.slip_nm.get(parcel, 0) * mark

    def eye_blind(self, parcel: int, eye: int) -> bool:
        """As scripted."""
        return (parcel, eye) in self.blind

    def wheel_dead(self, parcel: int, diverter: int) -> bool:
        """As scripted."""
        return (parcel, diverter) in self.dead

    def taken_off(self, parcel: int, eye: int) -> bool:
        """As scripted."""
        return (parcel, eye) in self.taken


MARKS = 50
"""About as many marks as a parcel meets on the default line."""

GHOST_US = (20_000, 300_000)
_GHOST_DELAY_US = 2_000_000


@dataclass(frozen=True)
class Rates(Faults):
    """Faults by chance, each a share of its occasions; the same seed has the same faults.

    taken, blind, ghosts  per pulse of a belt eye
    dead, no_read         per parcel that meets turned wheels; per parcel
    jitter_mm             most that a parcel may slide back over the whole line
    """

    seed: int
    taken: float = 0.0
    blind: float = 0.0
    ghosts: float = 0.0
    dead: float = 0.0
    no_read: float = 0.0
    jitter_mm: int = 0

    def slid_nm(self, parcel: int, mark: int) -> int:
        """Evenly along the way, up to the parcel's own share of jitter_mm."""
        if not self.jitter_mm:
            return 0
        share = Random(f"{self.seed}/slip/{parcel}").random()
        return int(share * self.jitter_mm * 1_000_000 / MARKS) * min(mark, MARKS)

    def eye_blind(self, parcel: int, eye: int) -> bool:
        """By chance, for nose and tail alike."""
        return self._chance("blind", parcel, eye) < self.blind

    def wheel_dead(self, parcel: int, diverter: int) -> bool:
        """By chance."""
        return self._chance("dead", parcel, diverter) < self.dead

    def taken_off(self, parcel: int, eye: int) -> bool:
        """By chance; what was never inducted is not counted, so the induct eye's share is left out."""
        return eye > 0 and self._chance("taken", parcel, eye) < self.taken

    def ghost(self, parcel: int, eye: int) -> tuple[Us, Us] | None:
        """By chance, some time after this parcel."""
        random = Random(f"{self.seed}/ghost/{parcel}/{eye}")
        if random.random() >= self.ghosts:
            return None
        return random.randint(0, _GHOST_DELAY_US), random.randint(*GHOST_US)

    def unread(self, parcel: int) -> bool:
        """By chance."""
        return self._chance("no-read", parcel, 0) < self.no_read

    def _chance(self, kind: str, parcel: int, place: int) -> float:
        return Random(f"{self.seed}/{kind}/{parcel}/{place}").random()
