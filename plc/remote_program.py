"""The small line without a PLC: the PLC's program on the PC, its image made of a coupler's inputs. Pure.

The program is the very one of `plc.program`; what is added is how a poll becomes scans. A polled level would
miss a gap shorter than a poll, so the coupler counts every edge of every eye, and an eye's level is what it
was at the start with so many edges since. Several edges in one poll are played to the program as scans of
their own, evenly between the last poll's encoder and this one; a single one of the induct eye where the
coupler captured it. Coils are fired by a PC, so speed, gap and poll are bounded (`refusals`).
"""

from __future__ import annotations

from dataclasses import dataclass

from plc.program import LineProgram
from plc.signals import FromPc, Inputs, Outputs
from sorter.flow import ENCODER_SPAN, Event, PackCommand, PackState, Us, encoder_delta
from sorter.layout import Layout
from sorter.timing import fire_lead_mm, travel_us

FASTEST_MM_S, LEAST_GAP_MM, SLOWEST_POLL_US = 1500, 300, 20_000
SAFE, EYES, FULL, HOME, INPUTS = 0, 16, 80, 112, 144
"""Discrete inputs: 0 the safety chain; from 16 the belt eyes, then the chutes' eyes; from 80 lane full; from
112 diverter home."""

BELT, INFEED, CAMERA, LEFT = 2, 3, 4, 16
"""Coils: 0 beacon, 1 horn, 2 belt, 3 infeed, 4 to 15 cameras; 16 + 2d left, 17 + 2d right of diverter d."""

MOST_EYES, MOST_CHUTES, MOST_CAMERAS = FULL - EYES, HOME - FULL, LEFT - CAMERA
MOST_EDGES = 16
"""More edges of one eye in one poll are no parcels: the coupler was reset, or the eye is broken."""

PULSE_POLLS = 2
"""A coil stays on for at least so many polls: one alone could fall between two cycles of the coupler."""


def refusals(layout: Layout, poll_us: Us, watchdog_ms: int, holds: bool) -> list[str]:
    """Why this line must not be run by remote I/O, each with what to do; none = it may.

    watchdog_ms  the coupler's output watchdog, 0 = off; holds: its fallback keeps the last value
    """
    speed, gap = layout.belt.speed_mm_s, layout.infeed.min_gap_mm
    pulse = travel_us(_pulse_mm(layout), speed)
    eyes, chutes = len(layout.eyes_mm) + len(layout.chutes), len(layout.chutes)
    timeout_ms = layout.comm_timeout_us // 1000
    checks = (
        (speed > FASTEST_MM_S, f"belt speed {speed} mm/s: at most {FASTEST_MM_S}, or take a tracking PLC"),
        (gap < LEAST_GAP_MM, f"minimum gap {gap} mm: at least {LEAST_GAP_MM}, or take a tracking PLC"),
        (poll_us > SLOWEST_POLL_US, f"poll {poll_us // 1000} ms: at most {SLOWEST_POLL_US // 1000}"),
        (layout.scan_us < poll_us, f"scan {layout.scan_us // 1000} ms: at least the poll, {poll_us // 1000}"),
        (pulse < PULSE_POLLS * poll_us, f"a divert takes {pulse // 1000} ms: less than {PULSE_POLLS} polls"),
        (watchdog_ms == 0, "the coupler's watchdog is off: switch it on"),
        (watchdog_ms > timeout_ms, f"the coupler's watchdog waits {watchdog_ms} ms: at most {timeout_ms}"),
        (holds, "the coupler's fallback is 'hold last value': set it to 'all outputs off'"),
        (eyes > MOST_EYES or chutes > MOST_CHUTES or len(layout.cameras) > MOST_CAMERAS,
         f"{eyes} eyes and {chutes} chutes: at most {MOST_EYES} and {MOST_CHUTES}, or take a tracking PLC"),
    )  # fmt: skip
    return [why for wrong, why in checks if wrong]


def _pulse_mm(layout: Layout) -> int:
    """Shortest way for which a diverter is turned."""
    speed, scan = layout.belt.speed_mm_s, layout.scan_us
    return min(fire_lead_mm(speed, one.switch_us, scan) for one in layout.diverters) + layout.hold_mm


@dataclass(frozen=True, slots=True)
class Image:
    """What one poll brought.

    at_ms    since the start, u32; encoder u32 counts; capture: the encoder at the induct eye's last edge
    inputs   the 144 discrete inputs as a bit set; its eyes count at the start only
    edges    per eye (belt, then chutes) how often it was covered or cleared, u16
    """

    at_ms: int
    encoder: int
    capture: int
    inputs: int
    edges: tuple[int, ...]


class RemoteProgram:
    """One line's program behind a coupler. boot_id counts starts of this program.

    first  the image that it starts from; its levels and its counts must belong together
    """

    def __init__(self, layout: Layout, boot_id: int, first: Image) -> None:
        self.program = LineProgram(layout, boot_id)
        self.outputs: Outputs | None = None
        self._layout = layout
        self._belt_eyes = len(layout.eyes_mm)
        self._eyes = self._belt_eyes + len(layout.chutes)
        self._last = first
        self._levels = first.inputs >> EYES & (1 << self._eyes) - 1
        self._camera_polls = [0] * len(layout.cameras)

    @property
    def state(self) -> PackState:
        """PackML state after the last poll."""
        return self.program.state

    def jumped(self, image: Image) -> bool:
        """The counters went further than parcels can bring them: nothing is known of the belt any more."""
        return any(delta > MOST_EDGES for delta in self._deltas(image))

    def poll(self, image: Image, pc: FromPc) -> list[Event]:
        """What the program tells at this poll; orders and command are obeyed in the poll's last scan."""
        self._camera_polls = [max(0, polls - 1) for polls in self._camera_polls]
        steps = self._steps(image)
        waiting = pc._replace(orders=(), command=PackCommand.NONE)
        events: list[Event] = []
        passed_ms = (image.at_ms - self._last.at_ms) % (1 << 32)
        for number, (encoder, levels) in enumerate(steps, start=1):
            at_ms = (self._last.at_ms + passed_ms * number // len(steps)) % (1 << 32)
            events += self._scan(image, at_ms, encoder, levels, pc if number == len(steps) else waiting)
        self._last = image
        return events

    def coils(self) -> list[bool]:
        """All coils as they must stand now; never both sides of a diverter."""
        coils = [False] * (LEFT + 2 * len(self._layout.diverters))
        if (outputs := self.outputs) is None:
            return coils
        coils[BELT], coils[INFEED] = outputs.belt_run, outputs.infeed
        for camera, polls in enumerate(self._camera_polls):
            coils[CAMERA + camera] = polls > 0
        for diverter, side in enumerate(outputs.wheels):
            coils[LEFT + 2 * diverter], coils[LEFT + 2 * diverter + 1] = side < 0, side > 0
        return coils

    def _scan(self, image: Image, at_ms: int, encoder: int, levels: int, pc: FromPc) -> tuple[Event, ...]:
        full = image.inputs >> FULL & (1 << len(self._layout.chutes)) - 1
        inputs = Inputs(
            at_ms, encoder, levels & (1 << self._belt_eyes) - 1, levels >> self._belt_eyes, full, 0,
            bool(image.inputs >> SAFE & 1), False, pc,
        )  # fmt: skip
        self.outputs = self.program.scan(inputs)
        for trigger in self.outputs.triggers:
            self._camera_polls[trigger.camera] = PULSE_POLLS
        return self.outputs.events

    def _deltas(self, image: Image) -> list[int]:
        return [(now - last) % 0x10000 for now, last in zip(image.edges, self._last.edges, strict=True)]

    def _steps(self, image: Image) -> list[tuple[int, int]]:
        """Encoder and levels of every scan that shows all edges since the last poll; at least one."""
        deltas, start = self._deltas(image), self._last.encoder
        steps: list[tuple[int, int]] = []
        captured = encoder_delta(image.capture, start)
        if deltas[0] == 1 and 0 <= captured <= encoder_delta(image.encoder, start):
            deltas[0], start = 0, image.capture
            self._levels ^= 1
            steps.append((start, self._levels))
        count = max(1, *deltas)
        way = encoder_delta(image.encoder, start)
        for number in range(1, count + 1):
            for eye, delta in enumerate(deltas):
                self._levels ^= (number <= delta) << eye
            steps.append(((start + way * number // count) % ENCODER_SPAN, self._levels))
        return steps
