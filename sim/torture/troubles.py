"""What each kind of fault does to the world when it strikes, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plc.registers import CommandBlock, version_boot
from sim.torture import faults
from sim.torture.acting import Act, later
from sim.torture.faults import Fault
from sim.torture.field_troubles import FIELD
from sim.torture.people_troubles import PEOPLE
from sorter.flow import PackCommand

if TYPE_CHECKING:
    from sim.torture.world import World

TODAY, TOMORROW = "2026-11-23", "2026-11-24"


def strike(world: World, fault: Fault) -> None:
    """Begin a fault; what lasts ends by itself."""
    world.fact("fault", fault.kind, fault.for_us)
    _ACTS[fault.kind](world, fault)


def _setting(where: str, kind: str) -> Act:
    """A state of something, until it is over or another one has taken its place."""

    def act(world: World, fault: Fault) -> None:
        thing = world if where == "wire" else getattr(world, where)
        thing.trouble = kind

        def over() -> None:
            if thing.trouble == kind:
                thing.trouble = ""

        world.pc.wake(world.clock.now_us)
        later(world, fault, over)

    return act


# ---------------------------------------------------------------- controller, disk


def _kill(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.pc.kill(fault.arg % 9, 200_000 + fault.for_us // 4)


def _power_cut(world: World, fault: Fault) -> None:
    """The PC loses its power between two cycles; its disk forgets what was not synced."""
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
    """The wall clock is set to another day, and the process is killed: its next start goes by its journal.

    It has struck when a start saw that day (`Pc.dated`).
    """
    world.pc.on_date = TOMORROW
    world.pc.kill(fault.arg % 9, 200_000)
    later(world, replace(fault, for_us=fault.for_us + 1_000_000), lambda: setattr(world.pc, "on_date", TODAY))


# ---------------------------------------------------------------- PLC


def _reboot(world: World, fault: Fault) -> None:
    world.hit(fault.kind)
    world.cabinet.power_on()


def _frozen(world: World, fault: Fault) -> None:
    """What the PLC shows stands still, though its program runs on."""
    world.hit(fault.kind)
    world.cabinet.words()
    world.cabinet.frozen = True
    world.fact("frozen", True)
    world.pc.wake(world.clock.now_us)

    def over() -> None:
        world.fact("frozen", False)
        world.cabinet.frozen = world.cabinet.stopped
        world.cabinet.request()

    world.clock.after(min(fault.for_us, 2_500_000), over)


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


_ACTS: dict[str, Act] = {
    "kill": _kill, "power-cut": _power_cut, "stop": _stop, "exception": _exception,
    "crash-in-recovery": _crash_in_recovery, "second-controller": _second_controller,
    **{kind: _setting("disk", kind) for kind in faults.DISK if kind != "slow-sync"},
    "slow-sync": _slow_sync,
    **{kind: _setting("wire", kind) for kind in faults.LINK},
    "reboot": _reboot, "frozen": _frozen, "cpu-stop": _cpu_stop,
    "ring-overflow": _ring_overflow, "second-master": _second_master,
    **{kind: _setting("sight", kind) for kind in (*faults.VISION, *faults.VIEWS)},
    "drift": lambda world, fault: None, "date-step": _date_step, **FIELD, **PEOPLE,
}  # fmt: skip
