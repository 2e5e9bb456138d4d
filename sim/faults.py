"""What can go wrong on the physical line, asked by the world at the moment it could happen."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.faultplan import Cause
from sorter.flow import Us
from vision.scene import Label


@dataclass(frozen=True, slots=True)
class Conditions:
    """What faults that last do to the line from one instant to the next; bit sets as in plc.signals.Inputs.

    standing        the drive does not turn though it is commanded to
    slip_ppm        of the drum's way that the belt does not make
    covered, clear  eyes that show this whatever passes; covered wins
    full            chutes whose sensor says full whatever is in them
    broken          diverters whose fault input is set
    stuck           diverter -> side -1, 0, 1 where its wheels stay; None = where they are now
    silent          the PLC's link answers nothing; the PLC itself goes on
    unsafe          the safety chain is open
    cut             connections to the PLC are reset; the PLC itself goes on
    frozen          the PLC's registers show what they showed and take nothing; the PLC itself goes on
    off             the PLC has no power; when it is back it has another boot number
    intruder        a second master writes into the PLC
    """

    standing: bool = False
    slip_ppm: int = 0
    covered: int = 0
    clear: int = 0
    full: int = 0
    broken: int = 0
    stuck: tuple[tuple[int, int | None], ...] = ()
    silent: bool = False
    unsafe: bool = False
    cut: bool = False
    frozen: bool = False
    off: bool = False
    intruder: bool = False


CALM = Conditions()


class Faults:
    """A line on which nothing fails: the base of all others. Parcels by their number, eyes in belt order."""

    # ------------------------------------------------------------ what lasts

    def conditions(self, at_us: Us) -> Conditions:
        """What lasting faults do at this instant, and until `next_change_us`."""
        return CALM

    def next_change_us(self, at_us: Us) -> Us | None:
        """The first instant after at_us at which `conditions` may change; None = never."""
        return None

    # ------------------------------------------------------------ parcels on the belt

    def slid_nm(self, parcel: int, mark: int) -> int:
        """How far the parcel has slid back on the belt by its n-th mark, nm; never shrinking."""
        return 0

    def eye_blind(self, parcel: int, eye: int) -> bool:
        """A belt eye does not see this parcel, neither its nose nor its tail."""
        return False

    def pulses(self, parcel: int, eye: int, at_us: Us) -> tuple[tuple[Us, Us], ...]:
        """Pulses of a belt eye that no parcel caused: how long after this parcel's nose, and how long."""
        return ()

    def hands_us(self, parcel: int, eye: int, at_us: Us) -> Us | None:
        """The parcel sticks under this eye: the time that hands need to take it off; None = it does not."""
        return None

    def taken_off(self, parcel: int, eye: int, at_us: Us) -> bool:
        """Somebody takes the parcel off the belt just before this eye."""
        return False

    def wheel_dead(self, parcel: int, diverter: int, at_us: Us) -> bool:
        """The wheels turn, but this parcel does not follow them."""
        return False

    def outlet_blind(self, parcel: int, chute: int) -> bool:
        """The eye in a chute does not see this parcel."""
        return False

    # ------------------------------------------------------------ the PLC's answers

    def answer_late_us(self, number: int, at_us: Us) -> Us:
        """How much longer than usual the PLC takes for its n-th answer."""
        return 0

    def answer_wrong(self, number: int, at_us: Us) -> Cause | None:
        """What is wrong with the PLC's n-th answer; None = nothing."""
        return None

    # ------------------------------------------------------------ cameras, other systems, people

    def label(self, parcel: int, label: Label | None, at_us: Us) -> Label | None:
        """What a camera gets to see of this parcel's label in a picture exposed at at_us."""
        return label

    def vision_late_us(self, camera: int, encoder: int, at_us: Us) -> Us:
        """How much longer than usual the answer to a picture takes."""
        return 0

    def advice_late_us(self, parcel: int, offered_us: Us) -> Us | None:
        """How long after the parcel was offered its advice comes; None = in good time."""
        return None

    def crew_late_us(self, chute: int, change: int, at_us: Us) -> Us:
        """How much longer than usual this chute's n-th bag change takes."""
        return 0

    def operator_from_us(self, at_us: Us) -> Us:
        """The first instant from at_us on at which an operator is at the line."""
        return at_us


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

    def wheel_dead(self, parcel: int, diverter: int, at_us: Us) -> bool:
        """As scripted."""
        return (parcel, diverter) in self.dead

    def taken_off(self, parcel: int, eye: int, at_us: Us) -> bool:
        """As scripted."""
        return (parcel, eye) in self.taken
