"""A plant on the virtual clock with orders by hand: for the PLC program's tests on the simulated line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plc.signals import FromPc, Inputs, Outputs
from sim.clock import LineClock
from sim.faults import Faults
from sim.parcel import PhysicalParcel
from sim.plant import Plant
from sorter.flow import REJECT, Assign, Event, Inducted, Left, PackCommand, PackState, Us
from sorter.health import LEADS
from sorter.layout import Layout


def parcels(*rows: tuple[Us, int]) -> list[PhysicalParcel]:
    """Parcels 0, 1, ... from (arrival, length)."""
    return [PhysicalParcel(n, arr_us, length, 200, 0, None) for n, (arr_us, length) in enumerate(rows)]


class Rig:
    """A line whose n-th inducted parcel is ordered to orders[n] = (chute, alternate) at once.

    unconditional  a command for the next scan, whatever the state
    """

    def __init__(
        self,
        layout: Layout,
        stream: Sequence[PhysicalParcel],
        orders: Mapping[int, tuple[int, int]],
        faults: Faults | None = None,
        first_count: int = 0,
        boot_id: int = 1,
    ) -> None:
        self.env = LineClock()
        self.events: list[Event] = []
        self.scans: list[tuple[Inputs, Outputs]] = []
        self.alive = self.ready = True
        self.unconditional = PackCommand.NONE
        self._orders = orders
        self._inducted = 0
        self._waiting: list[Assign] = []
        self._commands = [PackCommand.RESET, PackCommand.START]
        self.plant = Plant(
            self.env, layout, stream, self._hear, self._tell, boot_id, faults=faults, first_count=first_count
        )

    def command(self, command: PackCommand) -> None:
        """Give a command at the next scan."""
        self._commands.append(command)
        self.plant.request_scan()

    def order(self, order: Assign) -> None:
        """Give an order at the next scan."""
        self._waiting.append(order)
        self.plant.request_scan()

    def run(self, until_us: Us) -> Rig:
        """Let the line run until an instant."""
        self.env.run(until=until_us)
        return self

    def state(self) -> PackState:
        """PackML state now."""
        return self.plant.program.state

    def left(self) -> list[Left]:
        """Results told so far."""
        return [event for event in self.events if isinstance(event, Left)]

    def physical(self) -> dict[int, int]:
        """Parcel number -> where it really went."""
        return {n: chute for _, n, chute in self.plant.line.left}

    def _hear(self) -> FromPc:
        orders, self._waiting = tuple(self._waiting), []
        acceptable = self._commands and (self.plant.program.state, self._commands[0]) in LEADS
        command = self._commands.pop(0) if acceptable else PackCommand.NONE
        if self.unconditional is not PackCommand.NONE:
            command, self.unconditional = self.unconditional, PackCommand.NONE
        return FromPc(alive=self.alive, ready=self.ready, hold_infeed=False, orders=orders, command=command)

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        self.scans.append((inputs, outputs))
        for event in outputs.events:
            self.events.append(event)
            if isinstance(event, Inducted):
                chute, alternate = self._orders.get(self._inducted, (REJECT, REJECT))
                if self._inducted in self._orders:
                    self._waiting.append(Assign(event.pid, chute, alternate, 0))
                self._inducted += 1
        if self._waiting or self._commands:
            self.plant.request_scan()
