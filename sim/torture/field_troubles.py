"""Troubles on the line itself: encoder, eyes, parcels, wheels, chutes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.torture.acting import Act, later
from sim.torture.belt import NM_PER_MM
from sim.torture.faults import Fault
from sim.torture.line import TAKEN, Parcel, marks_of
from sorter.flow import Us

if TYPE_CHECKING:
    from sim.torture.world import World


def _slip(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.fact("encoder", "slip", True)
    world.line.belt.slip_ppm = 5_000 + fault.arg % 60_000
    world.fact("slip", world.line.belt.slip_ppm)
    world.line.drive()
    later(world, fault, lambda: _clear_slip(world))


def _clear_slip(world: World) -> None:
    world.fact("encoder", "slip", False)
    world.line.belt.slip_ppm = 0
    world.line.drive()


def _jump(world: World, fault: Fault) -> None:
    sign = 1 if fault.kind == "jump" else -1
    if world.line.belt.runs:
        world.hit(fault.kind)
        world.cabinet.scan()  # a PLC scans all the time: what it saw last is a scan old, no more
        counts = sign * (1 + fault.arg % 700)
        world.fact("jump", counts)
        world.line.belt.jump(world.clock.now_us, counts)
        world.line.drive()


def _stall(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.fact("encoder", "stall", True)
    world.line.belt.stalled = True
    world.line.drive()

    def over() -> None:
        world.fact("encoder", "stall", False)
        world.line.belt.stalled = False
        world.line.drive()

    later(world, fault, over)


def _bits(name: str, count: int, most_us: Us, show: bool) -> Act:
    """One bit of a mask of the line is set for a while."""

    def act(world: World, fault: Fault) -> None:
        world.hit(fault.kind)
        place = fault.arg % count
        line = world.line
        world.fact("bit", name, place, True)
        setattr(line, name, getattr(line, name) | 1 << place)

        def show_it() -> None:
            if show:
                line.show(place)
            line.changed()

        def over() -> None:
            setattr(line, name, getattr(line, name) & ~(1 << place))
            world.fact("bit", name, place, False)
            show_it()

        show_it()
        later(world, replace(fault, for_us=min(fault.for_us, most_us)), over)

    return act


def _eye_chatter(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    eye = fault.arg % 6
    line = world.line

    def covered(on: bool) -> None:
        world.fact("bit", "stuck_on", eye, on)
        line.stuck_on = line.stuck_on | 1 << eye if on else line.stuck_on & ~(1 << eye)
        line.show(eye)

    for pulse in range(4 + fault.arg % 9):
        world.clock.after(pulse * 37_000, lambda on=pulse % 2 == 0: covered(on))  # type: ignore[misc]
    world.clock.after(1_000_000, lambda: covered(False))


def _gap(world: World, fault: Fault) -> None:
    """The infeed puts the next parcel too close behind the one before it."""
    if world.line.waiting:
        world.hit(fault.kind)
        parcel = world.line.waiting[-1]
        parcel.gap_mm = 0 if fault.kind == "touching" else 10 + fault.arg % 290
        parcel.arr_us = 0
        world.fact("pushed", parcel.n, parcel.gap_mm)
        world.line.plan()


def _removed(world: World, fault: Fault) -> None:
    riders = list(world.line.riding.values())
    if riders:
        world.hit(fault.kind)
        world.line.gone(riders[fault.arg % len(riders)], TAKEN)
        world.line.plan()


def _inserted(world: World, fault: Fault) -> None:
    """Somebody lays a parcel on the belt where it is free, behind the cameras."""
    line = world.line
    x = line.belt.x_nm(world.clock.now_us)
    place = 3000 + fault.arg % 3500
    taken = [(line.centre_nm(rider) // NM_PER_MM, rider.parcel.length_mm) for rider in line.riding.values()]
    if all(abs(centre - place) > (length + 300) // 2 + 20 for centre, length in taken):
        world.hit(fault.kind)
        n = 1000 + len(world.facts)
        parcel = Parcel(n, 0, 300, (), readable=False)
        nose = (place + 150) * NM_PER_MM
        met = sum(way <= nose for way, _, _ in marks_of(parcel.length_mm))
        line.put(parcel, x - nose, met)
        line.plan()


def _jam(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.line.hold_at_eye = 1 + fault.arg % 5


def _full_chatter(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    chute, line = fault.arg % 8, world.line

    def flip() -> None:
        line.full ^= 1 << chute
        world.fact("bit", "full", chute, bool(line.full >> chute & 1))
        line.changed()

    for pulse in range(6):
        world.clock.after(pulse * 120_000, flip)


def _wheel(what: str) -> Act:
    def act(world: World, fault: Fault) -> None:
        world.hit(fault.kind)
        diverter = fault.arg % 4
        wheel = world.line.wheels[diverter]
        world.fact("wheel-bad", diverter, True)
        if what == "late":
            wheel.late_us = 100_000 + fault.arg % 400_000
        else:
            setattr(wheel, what, True)

        def over() -> None:
            wheel.stuck = wheel.dead = False
            wheel.late_us = 0
            if world.line.commanded:
                wheel.turn(world.line.commanded[diverter], world.clock.now_us)
            world.fact("wheel-bad", diverter, False)

        later(world, fault, over)

    return act


def _outlet_stray(world: World, fault: Fault) -> None:
    """Something falls past a chute's eye that no diverter sent there."""
    world.hit(fault.kind)
    chute = fault.arg % 8
    world.fact("outlet-stray", chute)
    world.line.outlet(chute, True)
    world.clock.after(80_000, lambda: world.line.outlet(chute, False))


FIELD: dict[str, Act] = {
    "slip": _slip, "jump": _jump, "reverse": _jump, "stall": _stall,
    "count-wrap": lambda world, fault: None, "clock-wrap": lambda world, fault: None,
    "eye-chatter": _eye_chatter, "eye-stuck-on": _bits("stuck_on", 6, 4_000_000, True),
    "eye-stuck-off": _bits("stuck_off", 6, 6_000_000, True),
    "touching": _gap, "close": _gap, "removed": _removed, "inserted": _inserted, "jam": _jam,
    "full": _bits("full", 8, 6_000_000, False), "full-chatter": _full_chatter,
    "no-fire": _wheel("dead"), "late-wheel": _wheel("late"), "stuck-wheel": _wheel("stuck"),
    "outlet-blind": _bits("blind_outlets", 8, 6_000_000, False), "outlet-stray": _outlet_stray,
    "diverter-fault": _bits("faults", 4, 6_000_000, False),
}  # fmt: skip
