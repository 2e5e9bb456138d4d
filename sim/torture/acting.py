"""How a trouble acts on the world, and how one that lasts comes to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.torture.faults import Fault

if TYPE_CHECKING:
    from sim.torture.world import World

Act = Callable[["World", Fault], None]


def later(world: World, fault: Fault, end: Callable[[], None]) -> None:
    """After the fault's time call `end`, and tell that it is over."""

    def over() -> None:
        end()
        world.fact("fault-over", fault.kind)

    world.clock.after(fault.for_us, over)
