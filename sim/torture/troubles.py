"""What each kind of fault does to the world when it strikes, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from plc.registers import CommandBlock, version_boot
from sim.torture import faults
from sim.torture.belt import NM_PER_MM
from sim.torture.faults import Fault
from sim.torture.line import TAKEN, Parcel, marks_of
from sorter.flow import Advised, ChuteLocked, Event, InterceptSet, PackCommand, Us

if TYPE_CHECKING:
    from sim.torture.world import World

Act = Callable[["World", Fault], None]
TODAY, TOMORROW = "2026-11-23", "2026-11-24"


def strike(world: World, fault: Fault) -> None:
    """Begin a fault; what lasts ends by itself."""
    world.fact("fault", fault.kind, fault.for_us)
    _ACTS[fault.kind](world, fault)


def _later(world: World, fault: Fault, end: Callable[[], None]) -> None:
    def over() -> None:
        end()
        world.fact("fault-over", fault.kind)

    world.clock.after(fault.for_us, over)


def _setting(where: str, kind: str) -> Act:
    """A state of something, until it is over or another one has taken its place."""

    def act(world: World, fault: Fault) -> None:
        thing = world if where == "wire" else getattr(world, where)
        thing.trouble = kind

        def over() -> None:
            if thing.trouble == kind:
                thing.trouble = ""

        world.pc.wake(world.clock.now_us)
        _later(world, fault, over)

    return act


# ---------------------------------------------------------------- controller, disk


def _kill(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.pc.kill(fault.arg % 9, 200_000 + fault.for_us // 4)


def _power_cut(world: World, fault: Fault) -> None:
    """The PC loses its power in the middle of whatever it does; its disk forgets what was not synced."""
    if world.pc.start is not None:
        world.hit(fault.kind)
        world.disk.power_cut(world.random)
        world.fact("died", "by a power cut")
        world.pc.gone(500_000 + fault.for_us // 2)


def _stop(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.pc.waits(fault.for_us)


def _exception(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.pc.crash(fault.arg % 5, 300_000)


def _crash_in_recovery(world: World, fault: Fault) -> None:
    """Killed, and killed again at one of the first calls of its next start."""
    world.hit(fault.kind)
    world.pc.kill(0, 200_000)
    world.clock.after(600_000, lambda: world.pc.kill(fault.arg % 6, 200_000))


def _second_controller(world: World, fault: Fault) -> None:
    if world.pc.start is not None:
        world.hit(fault.kind)
        world.fact("second-controller", world.pc.second())


def _slow_sync(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.pc.stalled_us = world.clock.now_us + min(fault.for_us, 2_000_000)


def _date_step(world: World, fault: Fault) -> None:
    """The wall clock is set to another day; the controller's own time must not care."""
    world.hit(fault.kind)
    world.pc.on_date = TOMORROW
    _later(world, fault, lambda: setattr(world.pc, "on_date", TODAY))


# ---------------------------------------------------------------- PLC


def _reboot(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.cabinet.power_on()


def _frozen(world: World, fault: Fault) -> None:
    """What the PLC shows stands still, though its program runs on."""
    world.hit(fault.kind)
    world.cabinet.words()
    world.cabinet.frozen = True

    def over() -> None:
        world.cabinet.frozen = world.cabinet.stopped
        world.cabinet.request()

    world.clock.after(min(fault.for_us, 1_500_000), over)


def _cpu_stop(world: World, fault: Fault) -> None:
    """The PLC's processor hangs, its watchdog switches off, and it is started again."""
    if not world.cabinet.stopped:
        world.hit(fault.kind)
        world.cabinet.words()
        world.cabinet.halt()
        world.clock.after(fault.for_us // 2, world.cabinet.power_on)


def _ring_overflow(world: World, fault: Fault) -> None:
    """The ring is small in such a world, and the PC away for longer than it lasts."""
    _setting("wire", "silent")(world, replace(fault, for_us=12_000_000))


def _second_master(world: World, fault: Fault) -> None:
    """Somebody else writes block C, too."""
    world.hit(fault.kind)
    session = fault.arg % 0xFFFE + 1
    end_us = world.clock.now_us + min(fault.for_us, 2_000_000)
    beat = 0

    def write() -> None:
        nonlocal beat
        beat += 1
        empty = ((0,) * 8,) * 10
        block = CommandBlock(
            beat, session, PackCommand.START, 1, 0, 0, 1, version_boot(world.cabinet.boot), 0, empty, beat
        )
        world.cabinet.receive(block.pack())
        if world.clock.now_us < end_us:
            world.clock.after(90_000, write)

    write()


# ---------------------------------------------------------------- field


def _slip(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.line.belt.slip_ppm = 5_000 + fault.arg % 60_000
    world.line.drive()
    _later(world, fault, lambda: _clear_slip(world))


def _clear_slip(world: World) -> None:
    world.line.belt.slip_ppm = 0
    world.line.drive()


def _jump(world: World, fault: Fault) -> None:
    if not world.line.belt.runs:
        return
    world.hit(fault.kind)
    world.line.belt.jump(world.clock.now_us, 1 + fault.arg % 700)
    world.line.drive()


def _reverse(world: World, fault: Fault) -> None:
    if not world.line.belt.runs:
        return
    world.hit(fault.kind)
    world.line.belt.jump(world.clock.now_us, -1 - fault.arg % 700)
    world.line.drive()


def _stall(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.line.belt.stalled = True
    world.line.drive()

    def over() -> None:
        world.line.belt.stalled = False
        world.line.drive()

    _later(world, fault, over)


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
        _later(world, replace(fault, for_us=min(fault.for_us, most_us)), over)

    return act


def _eye_chatter(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    eye = fault.arg % 6
    line = world.line
    for pulse in range(4 + fault.arg % 9):
        bit = 1 << eye
        world.clock.after(pulse * 37_000, lambda bit=bit: setattr(line, "stuck_on", line.stuck_on ^ bit))  # type: ignore[misc]
        world.clock.after(pulse * 37_000 + 1, lambda eye=eye: line.show(eye))  # type: ignore[misc]
    world.clock.after(1_000_000, lambda: setattr(line, "stuck_on", line.stuck_on & ~(1 << eye)))
    world.clock.after(1_000_001, lambda: line.show(eye))


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

        _later(world, fault, over)

    return act


def _outlet_stray(world: World, fault: Fault) -> None:
    """Something falls past a chute's eye that no diverter sent there."""
    world.hit(fault.kind)
    chute = fault.arg % 8
    world.fact("outlet-stray", chute)
    world.line.outlet(chute, True)
    world.clock.after(80_000, lambda: world.line.outlet(chute, False))


# ---------------------------------------------------------------- upstream, people


def _post(world: World, event: Callable[[Us], Event]) -> None:
    world.order(event)


def _a_waybill(world: World, fault: Fault) -> str:
    coming = [parcel.n for parcel in world.line.waiting] or [0]
    n = coming[-1 - fault.arg % min(6, len(coming))]
    return world.parcels[n][1].waybill if n < len(world.parcels) else ""


def _advice(world: World, fault: Fault) -> None:
    waybill = _a_waybill(world, fault)
    world.hit(fault.kind)
    truth = next((truth for _, truth in world.parcels if truth.waybill == waybill), world.parcels[0][1])
    if fault.kind == "advice-twice":
        _post(world, truth.advice)
        _post(world, truth.advice)
    elif fault.kind == "advice-wrong":
        _post(world, lambda at_us: Advised(at_us, waybill, "jt", "999999999"))
    else:
        _post(world, lambda at_us: Advised(at_us, waybill, "jt", "", unclear=True))
        if fault.kind == "advice-late":
            world.clock.after(3_000_000 + fault.for_us, lambda: _post(world, truth.advice))


def _intercept(world: World, fault: Fault) -> None:
    waybill = _a_waybill(world, fault)
    world.hit(fault.kind)
    world.fact("intercept", waybill)
    _post(world, lambda at_us: InterceptSet(at_us, waybill, True))


def _e_stop(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.cabinet.safe = False
    world.fact("chain", False)
    world.cabinet.request()

    def over() -> None:
        world.cabinet.safe = True
        world.fact("chain", True)
        world.cabinet.request()

    world.clock.after(fault.for_us, over)


def _command(command: PackCommand) -> Act:
    def act(world: World, fault: Fault) -> None:
        world.hit(fault.kind)
        world.operate(command)

    return act


def _lock(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    chute = fault.arg % 8
    _post(world, lambda at_us: ChuteLocked(at_us, chute, True))
    _later(world, fault, lambda: _post(world, lambda at_us: ChuteLocked(at_us, chute, False)))


def _locked_out(world: World, fault: Fault) -> None:
    """Every chute is locked for a while: all must ride to the exception end."""
    world.hit(fault.kind)
    for chute in range(8):
        _post(world, lambda at_us, chute=chute: ChuteLocked(at_us, chute, True))  # type: ignore[misc]

    def over() -> None:
        for chute in range(8):
            _post(world, lambda at_us, chute=chute: ChuteLocked(at_us, chute, False))  # type: ignore[misc]

    _later(world, fault, over)


def _same_waybill(world: World, fault: Fault) -> None:
    """The next parcel bears the number of the one behind it."""
    waiting = world.line.waiting
    if len(waiting) > 2:
        world.hit(fault.kind)
        other, twin = waiting[-2], waiting[-1]
        twin.codes = other.codes
        truth = world.parcels[other.n][1]
        world.fact("twin", twin.n, truth.waybill, truth.chutes)


_ACTS: dict[str, Act] = {
    "kill": _kill, "power-cut": _power_cut, "stop": _stop, "exception": _exception,
    "crash-in-recovery": _crash_in_recovery, "second-controller": _second_controller,
    **{kind: _setting("disk", kind) for kind in ("enospc", "eio-write", "eio-sync")},
    "short-write": _setting("disk", "short"), "slow-sync": _slow_sync,
    **{kind: _setting("wire", kind) for kind in faults.LINK},
    "reboot": _reboot, "frozen": _frozen, "cpu-stop": _cpu_stop, "ring-overflow": _ring_overflow, "second-master": _second_master,
    "slip": _slip, "jump": _jump, "reverse": _reverse, "stall": _stall,
    "count-wrap": lambda world, fault: None, "clock-wrap": lambda world, fault: None,
    "drift": lambda world, fault: None,
    "eye-chatter": _eye_chatter, "eye-stuck-on": _bits("stuck_on", 6, 4_000_000, True),
    "eye-stuck-off": _bits("stuck_off", 6, 6_000_000, True),
    "touching": _gap, "close": _gap, "removed": _removed, "inserted": _inserted, "jam": _jam,
    "full": _bits("full", 8, 6_000_000, False), "full-chatter": _full_chatter,
    "no-fire": _wheel("dead"), "late-wheel": _wheel("late"), "stuck-wheel": _wheel("stuck"),
    "outlet-blind": _bits("blind_outlets", 8, 6_000_000, False), "outlet-stray": _outlet_stray,
    "diverter-fault": _bits("faults", 4, 6_000_000, False),
    **{kind: _setting("sight", kind) for kind in faults.VISION},
    **dict.fromkeys(faults.UPSTREAM, _advice),
    "intercept": _intercept, "e-stop": _e_stop, "hold": _command(PackCommand.HOLD),
    "stop-start": _command(PackCommand.STOP), "lock": _lock, "locked-out": _locked_out,
    "same-waybill": _same_waybill, "date-step": _date_step,
}  # fmt: skip
