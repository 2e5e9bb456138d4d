"""When a hub's line starts: measured on the closed loop, which alone knows how PLC and controller begin."""

from __future__ import annotations

from collections.abc import Sequence

from plc.signals import Inputs, Outputs
from sim.hubline.build import Start
from sim.parcel import PhysicalParcel
from sim.virtual import VirtualLine
from sorter.flow import Us
from sorter.hub import Hub

_ANY_DAY = "2000-01-01"


class Watched(VirtualLine):
    """A closed loop that remembers when it first ran the belt and opened the infeed."""

    def __init__(self, hub: Hub, parcels: Sequence[PhysicalParcel]) -> None:
        super().__init__(hub, _ANY_DAY, parcels, 0)
        self.started: dict[str, Us] = {}

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        if outputs.belt_run:
            self.started.setdefault("belt_us", self._env.now_us)
        if outputs.infeed:
            self.started.setdefault("open_us", self._env.now_us)
        super()._tell(inputs, outputs)


def start_of(hub: Hub) -> Start:
    """The instants of the first scans that run the belt and open the infeed, after START was pressed at 0."""
    # A line without parcels ends before it begins; this one has no label and rides to the end.
    line = Watched(hub, [PhysicalParcel(0, 0, hub.layout.infeed.longest_mm, 1, 0, None)])
    line.run()
    return Start(**line.started)
