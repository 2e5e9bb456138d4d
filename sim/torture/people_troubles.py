"""Troubles with couriers' systems and with people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.torture import faults
from sim.torture.acting import Act, later
from sim.torture.faults import Fault
from sim.torture.hall import OTHER_PLAN, URGENT_CHUTES
from sorter.flow import (
    Advised,
    InterceptSet,
    PackCommand,
    PlanOrdered,
    PlanRolledBack,
    Service,
    Serviced,
    WaveBegan,
)

if TYPE_CHECKING:
    from sim.torture.world import World


def _a_waybill(world: World, fault: Fault) -> str:
    coming = [parcel.n for parcel in world.line.waiting] or [0]
    n = coming[-1 - fault.arg % min(6, len(coming))]
    return world.parcels[n][1].waybill if n < len(world.parcels) else ""


def _advice(world: World, fault: Fault) -> None:
    waybill = _a_waybill(world, fault)
    world.hit(fault.kind)
    truth = next((truth for _, truth in world.parcels if truth.waybill == waybill), world.parcels[0][1])
    if fault.kind == "advice-twice":
        world.people.order(truth.advice)
        world.people.order(truth.advice)
    elif fault.kind == "advice-wrong":
        world.people.order(lambda at_us: Advised(at_us, waybill, "jt", "999999999"))
    else:
        world.people.order(lambda at_us: Advised(at_us, waybill, "jt", "", unclear=True))
        if fault.kind == "advice-late":
            world.clock.after(3_000_000 + fault.for_us, lambda: world.people.order(truth.advice))


def _riding_waybill(world: World, fault: Fault) -> str:
    """Of a parcel on the belt, most of which are decided; of one to come where none is there."""
    riding = [n for n in world.line.riding if n < len(world.parcels)]
    return (
        world.parcels[riding[fault.arg // 3 % len(riding)]][1].waybill if riding else _a_waybill(world, fault)
    )


def _intercept(world: World, fault: Fault) -> None:
    """Two of three strike a parcel that rides: it has to be called back, if there is time."""
    waybill = _riding_waybill(world, fault) if fault.arg % 3 else _a_waybill(world, fault)
    world.hit(fault.kind)
    _hold(world, waybill)


def _hold(world: World, waybill: str) -> None:
    world.fact("intercept", waybill)
    world.people.order(lambda at_us: InterceptSet(at_us, waybill, True))


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
        world.people.operate(command)

    return act


def _locks(world: World, fault: Fault, chutes: range) -> None:
    world.hit(fault.kind)
    for chute in chutes:
        world.people.lock(chute, True)

    def over() -> None:
        for chute in chutes:
            world.people.lock(chute, False)

    later(world, fault, over)


def _lock(world: World, fault: Fault) -> None:
    chute = fault.arg % 8
    _locks(world, fault, range(chute, chute + 1))


def _locked_out(world: World, fault: Fault) -> None:
    """Every chute is locked for a while: all must ride to the exception end."""
    _locks(world, fault, range(8))


def _same_waybill(world: World, fault: Fault) -> None:
    """The next parcel bears the number of the one behind it."""
    waiting = world.line.waiting
    if len(waiting) > 2:
        world.hit(fault.kind)
        other, twin = waiting[-2], waiting[-1]
        twin.codes = other.codes
        truth = world.parcels[other.n][1]
        world.fact("twin", twin.n, truth.waybill, truth.chutes)


def _plan_change(world: World, fault: Fault) -> None:
    """Another plan comes into force while parcels ride, at once or with a wave, and is taken back."""
    world.hit(fault.kind)
    order, wave = world.people.order, str(fault.arg % 3) if fault.kind == "plan-wave" else ""
    order(lambda at_us: PlanOrdered(at_us, OTHER_PLAN.data, wave, "torture"))
    if wave:
        world.clock.after(fault.for_us // 2, lambda: order(lambda at_us: WaveBegan(at_us, wave)))
    later(world, fault, lambda: order(lambda at_us: PlanRolledBack(at_us, OTHER_PLAN.version, "torture")))


def _mode_change(world: World, fault: Fault) -> None:
    """Maintenance is wished and a diverter jogged in mid-flow, which is refused; then the line is stopped.

    Diverters are jogged again there, while parcels lie before them; at the end production is wished.
    """
    order, after = world.people.order, world.clock.after

    def serve(on: bool, chute: int) -> None:
        order(lambda at_us: Serviced(at_us, on, chute, "torture"))

    serve(True, -1)
    after(200_000, lambda: serve(True, fault.arg % 8))
    after(600_000, lambda: world.people.operate(PackCommand.STOP))
    for again in range(3):
        at_us = 1_600_000 + fault.for_us // 4 * again
        after(at_us, lambda again=again: serve(True, (fault.arg // 8 + again) % 8))  # type: ignore[misc]
    after(2_600_000 + fault.for_us, lambda: serve(False, -1))


def _urgent(world: World, fault: Fault) -> None:
    """Emergency supplies come among the others: one that rides is held, or a chute of theirs locked."""
    world.hit(fault.kind)
    riding = [world.parcels[n][1] for n in world.line.riding if n < len(world.parcels)]
    urgent = [truth.waybill for truth in riding if truth.service is Service.EMERGENCY]
    choice, of_two = divmod(fault.arg, 2)
    if urgent and of_two:
        _hold(world, urgent[choice % len(urgent)])
    else:
        chute = URGENT_CHUTES[choice % len(URGENT_CHUTES)]
        _locks(world, fault, range(chute, chute + 1))


PEOPLE: dict[str, Act] = {
    **dict.fromkeys(faults.UPSTREAM, _advice),
    "intercept": _intercept, "e-stop": _e_stop, "hold": _command(PackCommand.HOLD),
    "stop-start": _command(PackCommand.STOP), "lock": _lock, "locked-out": _locked_out,
    "same-waybill": _same_waybill, **dict.fromkeys(faults.PLANS, _plan_change),
    "mode-change": _mode_change, "urgent": _urgent,
}  # fmt: skip
