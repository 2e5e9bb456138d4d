"""The torture's people: they start again what stands, and do what an alarm asks for, in their own time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.torture.clock import Clock
from sorter.flow import ChuteLocked, Effect, Event, Notice, Operated, PackCommand, PackState, Us

if TYPE_CHECKING:
    from sim.torture.cabinet import Cabinet
    from sim.torture.line import Line
    from sim.torture.pc import Pc

LOOK_US: Us = 1_000_000
WALK_US: tuple[Us, Us] = (4_000_000, 12_000_000)
"""From the alarm on the screen until somebody stands at the chute."""
AGAIN_US: Us = 3_000_000
START_OF = {
    PackState.STOPPED: PackCommand.START,
    PackState.IDLE: PackCommand.START,
    PackState.HELD: PackCommand.UNHOLD,
    PackState.SUSPENDED: PackCommand.UNSUSPEND,
    PackState.ABORTED: PackCommand.CLEAR,
}


class People:
    """An operator at the screen and one who walks. locked = chutes that somebody keeps locked, how often."""

    def __init__(
        self, clock: Clock, cabinet: Cabinet, line: Line, pc: Pc, fact: Callable[..., None],
        draw: Callable[[int], int],
    ) -> None:  # fmt: skip
        self.locked: Counter[int] = Counter()
        self._clock, self._cabinet, self._line, self._pc = clock, cabinet, line, pc
        self._fact, self._draw = fact, draw
        self._walking: set[int] = set()

    @property
    def busy(self) -> bool:
        """Somebody is on the way to a chute that an alarm named."""
        return bool(self._walking)

    def hear(self, value: Event | Effect) -> None:
        """What the screen shows: a chute out of service wants somebody to look at it."""
        if isinstance(value, Notice) and value.key == "chute-out":
            chute = int(value.about)
            if chute not in self._walking:
                self._walking.add(chute)
                least, most = WALK_US
                self._clock.after(least + self._draw(most - least), lambda: self._see_to(chute))

    def _see_to(self, chute: int) -> None:
        """Put it back once its wheel turns and its eye sees; what a colleague keeps locked stays so."""
        if self._line.works(chute) and not self.locked[chute]:
            self._walking.discard(chute)
            self._fact("back", chute)
            self.order(lambda at_us: ChuteLocked(at_us, chute, False))
        else:
            self._clock.after(AGAIN_US, lambda: self._see_to(chute))

    def lock(self, chute: int, locked: bool) -> None:
        """A person locks a chute, or gives it back."""
        self.locked[chute] += 1 if locked else -1
        self.order(lambda at_us: ChuteLocked(at_us, chute, locked))

    def attend(self) -> None:
        """Start again whatever stands, once a second."""
        self._clock.after(LOOK_US, self.attend)
        cabinet, line = self._cabinet, self._line
        wish = START_OF.get(cabinet.state)
        if wish is None or not cabinet.safe or cabinet.stopped:
            return
        if cabinet.serviced and wish is PackCommand.START:  # the console refuses it
            return
        if line.clear_held() or line.stuck_on:
            self._fact("hands")
        if wish in (PackCommand.CLEAR, PackCommand.UNSUSPEND):
            self._fact("person", wish.name)
            cabinet.panel.append(wish)
            cabinet.request()
        else:
            self.operate(wish)

    def operate(self, command: PackCommand) -> None:
        """A person orders at the console, when there is a controller to obey."""
        if self._pc.start is not None:
            self._fact("person", command.name)
            self.order(lambda at_us: Operated(at_us, command))

    def order(self, order: Callable[[Us], Event]) -> None:
        """A person's order, or another system's word: kept until the journal holds it."""
        self._pc.orders.put(order)
        self._pc.wake(self._clock.now_us)
