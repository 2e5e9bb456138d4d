"""What a line's dimensions must allow: ways and times on the belt. Pure integers; ways are rounded up.

Nearly everything here takes plain integers, so that a check, the PLC program and a test say the same sum.
"""

from __future__ import annotations

from sorter.flow import Mm, Us
from sorter.layout import Layout

DELIVERY_US: Us = 250_000
"""Worst case from a decision until the PLC has it: two polls of 100 ms and a scan, with some reserve."""


def way_mm(speed_mm_s: int, time_us: Us) -> Mm:
    """How far the belt runs in a time, rounded up: 1600 mm/s for 300 ms is 480 mm."""
    return -(-speed_mm_s * time_us // 1_000_000)


def travel_us(way_mm: Mm, speed_mm_s: int) -> Us:
    """Time the belt needs for a way, rounded down: 1200 mm at 1600 mm/s is 750 ms. speed_mm_s > 0."""
    return way_mm * 1_000_000 // speed_mm_s


def answer_us(layout: Layout) -> Us:
    """How long after a picture its answer is still in time for the parcel's first decision.

    By the camera whose last look is the nearest to it; no less than the vision budget, which `sorter check`
    sees to.
    """
    last_mm = max(camera.position_mm + max(camera.looks_mm) for camera in layout.cameras)
    return travel_us(layout.diverters[0].eye_mm - last_mm, layout.belt.speed_mm_s) - DELIVERY_US


def fire_lead_mm(speed_mm_s: int, switch_us: Us, scan_us: Us) -> Mm:
    """How far before its pivot a parcel's centre must still be when its diverter is commanded.

    switch way + two scans' way: one scan until the program sees the position, one until the output acts.
    1600 mm/s, 300 ms, 10 ms: 480 + 32 = 512 mm.
    """
    return way_mm(speed_mm_s, switch_us) + way_mm(speed_mm_s, 2 * scan_us)


def needed_pitch_mm(fire_lead: Mm, hold: Mm) -> Mm:
    """Distance between two centres at which a diverter can serve each its own way.

    It holds a direction until `hold` beyond the first centre and must fire `fire_lead` before the second:
    512 + 40 = 552 mm.
    """
    return fire_lead + hold


def needed_lead_mm(fire_lead: Mm, longest: Mm) -> Mm:
    """Distance from a diverter's eye to its pivot.

    A centre is known when the tail has cleared the eye, half a length late: 512 + 600 / 2 = 812 mm.
    Rounded up.
    """
    return fire_lead + _half(longest)


def needed_spacing_mm(lead: Mm, hold: Mm, longest: Mm) -> Mm:
    """Distance from one eye to the next, so that a parcel being diverted does not reach the next eye.

    way to the pivot + hold + half a parcel's length: 850 + 40 + 600 / 2 = 1190 mm. Rounded up.
    """
    return lead + hold + _half(longest)


def camera_lead_mm(speed_mm_s: int, vision_us: Us, along_mm: Mm, longest: Mm) -> Mm:
    """Distance from the last picture to the first decision, for a decision in time.

    way in (vision budget p99 + delivery) + half the camera's view along the belt + half a parcel's length:
    1600 mm/s, 400 ms, 600 mm, 600 mm: 1040 + 300 + 300 = 1640 mm. Rounded up.
    """
    return way_mm(speed_mm_s, vision_us + DELIVERY_US) + _half(along_mm) + _half(longest)


def _half(length: Mm) -> Mm:
    return -(-length // 2)
