"""When a hub's line starts: measured on the closed loop, which alone knows how PLC and controller begin."""

from __future__ import annotations

from plc.signals import Inputs, Outputs
from sim.hubline.build import Start
from sim.parcel import PhysicalParcel
from sim.virtual import VirtualLine
from sorter.flow import Us
from sorter.hub import Hub

_ANY_DAY = "2000-01-01"


def start_of(hub: Hub) -> Start:
    """The instants of the first scans that run the belt and open the infeed, after START was pressed at 0."""
    started: dict[str, Us] = {}

    class Watched(VirtualLine):
        """A closed loop that remembers them."""

        def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
            if outputs.belt_run:
                started.setdefault("belt_us", self._env.now_us)
            if outputs.infeed:
                started.setdefault("open_us", self._env.now_us)
            super()._tell(inputs, outputs)

    # A line without parcels ends before it begins; this one has no label and rides to the end.
    Watched(hub, _ANY_DAY, [PhysicalParcel(0, 0, hub.layout.infeed.longest_mm, 1, 0, None)], 0).run()
    return Start(**started)
