"""PLC clock and line clock, pure: counters that wrap, and the PLC's time between two polls.

The line clock is the PLC's millisecond clock in integer microseconds. It starts equal to t_ms of
the first boot seen and goes on over later boots and over the 49.7 days after which t_ms wraps.
"""

from __future__ import annotations

from collections import deque

from sorter.flow import Us, encoder_delta

OBSERVATIONS = 64
"""Observations the fit looks back on: 6.4 s at 100 ms, in which 100 ppm of drift make 0.64 ms."""


def widen_ms(low16: int, header_ms: int) -> int:
    """Full time in ms of a record that holds only the low 16 bits, given the header's full time.

    The record is at most 65,535 ms older than the header; it is never younger.
    """
    return header_ms - (header_ms - low16) % 0x10000


def unwrap(count: int, value: int) -> int:
    """The count that `value` (u32) stands for, nearest to the last `count`; |change| < 2^31.

    Works for t_ms and, with a belt that may run backwards, for the encoder.
    """
    return count + encoder_delta(value, count % (1 << 32))


class LineClock:
    """The line's time between polls, from answers that tell the PLC's time some delay ago.

    Every answer is a lower bound: when it arrived, the PLC's clock stood at plc_ms or later. The fit
    takes the highest of the last OBSERVATIONS bounds, which is the least delayed answer. So the line
    time is behind the PLC's by at most 1 ms + one scan + that answer's round trip, ahead of it by at
    most the drift over the look-back, and never before an event that was polled. It never runs back.
    """

    def __init__(self) -> None:
        self._bounds: deque[Us] = deque(maxlen=OBSERVATIONS)
        self._highest: Us | None = None
        self._trips: deque[Us] = deque(maxlen=OBSERVATIONS)
        self._count_ms: int | None = None
        self._base_ms = 0
        self._last_us: Us = 0

    def observe(self, pc_us: Us, plc_ms: int, round_trip_us: Us) -> int:
        """Learn from an answer (t_ms u32) received at pc_us; returns its time on the line clock in ms."""
        self._count_ms = plc_ms if self._count_ms is None else unwrap(self._count_ms, plc_ms)
        line_ms = self._base_ms + self._count_ms
        self._bound(line_ms * 1000 - pc_us)
        self._trips.append(round_trip_us)
        return line_ms

    def _bound(self, bound: Us) -> None:
        """Keep a bound, and in mind which one is the highest: it is asked for more often than it changes."""
        bounds, highest = self._bounds, self._highest
        oldest = bounds[0] if len(bounds) == OBSERVATIONS else None
        bounds.append(bound)
        if highest is None or bound >= highest:
            self._highest = bound
        elif oldest == highest:
            self._highest = max(bounds)

    def restart(self, pc_us: Us, plc_ms: int) -> None:
        """The PLC booted: from here its plc_ms means the line time of pc_us, rounded up to a ms."""
        now_ms = -(-self.line_us(pc_us) // 1000)
        self._base_ms, self._count_ms = now_ms - plc_ms, plc_ms
        self._bounds.clear()
        self._highest = None
        self._trips.clear()

    def line_us(self, pc_us: Us) -> Us:
        """Line time at pc_us; 0 before the first observation, stands still from a boot to the next one."""
        if self._highest is not None:
            self._last_us = max(self._last_us, pc_us + self._highest)
        return self._last_us

    @property
    def error_us(self) -> Us:
        """How far the line time may be behind the PLC's, without the scan: 1 ms + the shortest round trip."""
        return 1000 + min(self._trips, default=0)
