"""What can go wrong on the physical line, asked by the line at the moment it could happen."""

from __future__ import annotations

from dataclasses import dataclass, field


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

    def taken_off(self, parcel: int, eye: int) -> bool:
        """Somebody takes the parcel off the belt just before this eye."""
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
