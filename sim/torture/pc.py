"""The torture's PC: starts of the real controller with its journal, and every way in which one can end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sim.torture.clock import NEVER, Clock
from sim.torture.disk import ModelDisk, PowerGoneError
from sim.torture.hall import ON_DATE, POLL_US
from sim.torture.link import Plc, TorturedMachine
from sim.torture.sight import Sight
from sorter.errors import StoreError
from sorter.flow import Effect, Event, Taken, Us
from sorter.hub import Hub
from sorter.ports import Machine, Reads

HEARTBEAT_US: Us = 300_000
FOLDER = Path("journal")


class Start(Protocol):
    """One start of the controller, built by the shell as `sorter run` builds it."""

    def cycle(self) -> None:
        """One poll, one commit, one command block."""
        ...

    def post(self, event: Callable[[Us], Event]) -> None:
        """An event from a person or another system."""
        ...

    def next_wake_us(self) -> Us | None:
        """When the controller wants to be woken, on the line clock."""
        ...

    @property
    def busy(self) -> bool:
        """Parcels are open, or something is not on disk yet."""
        ...

    @property
    def unstored(self) -> bool:
        """Something is not on disk yet."""
        ...

    def crash(self) -> None:
        """An exception has left the loop: what the shell does on its way out."""
        ...


MachineMaker = Callable[[Taken | None], Machine]
Watch = Callable[[Event | Effect], None]


class Orders:
    """What people ordered and the journal does not hold yet; it outlives the controller."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[Us], Event]] = []
        self._taken = 0

    def put(self, order: Callable[[Us], Event]) -> None:
        """An order is confirmed to a person from here on."""
        self._waiting.append(order)

    def take(self) -> list[Callable[[Us], Event]]:
        """Those not taken before."""
        fresh = self._waiting[self._taken :]
        self._taken = len(self._waiting)
        return fresh

    def stored(self) -> None:
        """All taken ones are in the journal."""
        if self._taken:
            del self._waiting[: self._taken]
            self._taken = 0

    def again(self) -> None:
        """A new controller takes what the old one did not store."""
        self._taken = 0


class Begin(Protocol):
    """How the shell starts a controller. Raises StoreError when the journal cannot be used."""

    def __call__(
        self, hub: Hub, folder: Path, disk: ModelDisk, machine: MachineMaker, reads: Reads, watch: Watch,
        on_date: str, flows: Callable[[], bool], orders: Orders,
    ) -> Start:  # fmt: skip
        """flows() = the disk answers now."""
        ...


class CrashError(Exception):
    """Our own bug, raised in the middle of a cycle."""


class Pc:
    """poll_us = when it cycles next.

    kill_after   so many of its calls from now on it dies, None = it lives
    crash_after  so many values from now on an exception leaves its loop
    dated        called when a start has seen the date of another day
    """

    def __init__(
        self, clock: Clock, hub: Hub, plc: Plc, disk: ModelDisk, sight: Sight, begin: Begin,
        fact: Callable[..., None], draw: Callable[[int], int],
    ) -> None:  # fmt: skip
        self.poll_us: Us = NEVER
        self.kill_after: int | None = None
        self.crash_after: int | None = None
        self.stopped_us: Us = 0
        self.on_date = ON_DATE
        self.stalled_us: Us = 0
        self.start: Start | None = None
        self.machine: TorturedMachine | None = None
        self.orders = Orders()
        self.dated: Callable[[], None] = lambda: None
        self.seen: Watch = lambda value: None
        self.manifest: list[Callable[[Us], Event]] = []
        self._clock, self._hub, self._plc, self._disk, self._sight = clock, hub, plc, disk, sight
        self._begin, self._fact, self._draw = begin, fact, draw
        self._phase: Us = 0
        self._again_us: Us = 0

    # ------------------------------------------------------------ its life

    def boot(self) -> None:
        """The keeper starts it; a disk that refuses makes it try again a second later."""
        if self.start is not None:
            return
        self._phase = self._draw(POLL_US)
        self.orders.again()
        try:
            self.start = self._begun()
        except PowerGoneError:
            self._fact("died", "in recovery")
            self.gone(self._again_us)
        except StoreError as error:
            self._fact("refused", str(error).splitlines()[0])
            self._disk.process_gone()
            self._clock.after(1_000_000, self.boot)
        else:
            self._fact("started", self._disk.durable())
            if self.on_date != ON_DATE:
                self.dated()
            for word in self.manifest:
                self.start.post(word)
            self.wake(self._clock.now_us)

    def _begun(self) -> Start:
        session = self._draw(0xFFFF) + 1

        def machine(known: Taken | None) -> TorturedMachine:
            self.machine = TorturedMachine(self._plc, self._hub.link, session, known, self.call)
            return self.machine

        return self._begin(
            self._hub, FOLDER, self._disk, machine, self._sight, self._watched, self.on_date, self._flows,
            self.orders,
        )  # fmt: skip

    def second(self) -> str:
        """Somebody starts a second controller by mistake; what it says."""

        def machine(known: Taken | None) -> TorturedMachine:
            return TorturedMachine(self._plc, self._hub.link, 0xFFFF, known, lambda kind: None)

        doomed, self.kill_after = self.kill_after, None  # its calls are not the first one's
        try:
            self._begin(
                self._hub, FOLDER, self._disk, machine, self._sight, lambda value: None, self.on_date,
                self._flows, Orders(),
            )  # fmt: skip
        except StoreError as error:
            return str(error)
        finally:
            self.kill_after = doomed
        return ""

    def kill(self, after_calls: int, again_us: Us) -> None:
        """Dies at one of its next calls, is started again so much later."""
        self.kill_after, self._again_us = after_calls, again_us

    def crash(self, after_values: int, again_us: Us) -> None:
        """An exception leaves its loop in one of the next values."""
        self.crash_after, self._again_us = after_values, again_us

    def gone(self, again_us: Us) -> None:
        """The process is no more."""
        self._disk.process_gone()
        self._sight.forget()
        self.start = self.machine = self.kill_after = self.crash_after = None
        self.poll_us = NEVER
        self._clock.after(again_us, self.boot)

    # ------------------------------------------------------------ its cycles

    def cycle(self) -> None:
        """One cycle, unless it is stopped; then the next one is planned."""
        now = self._clock.now_us
        self.poll_us = NEVER
        if self.start is None or self.machine is None:
            return
        if now < self.stopped_us:
            self.poll_us = self.stopped_us
            return
        try:
            self.start.cycle()
        except PowerGoneError:
            self._fact("died", "in its cycle")
            self.gone(self._again_us)
        except CrashError:
            self._fact("died", "by an exception")
            with suppress(PowerGoneError):  # killed while it lets go
                self.start.crash()
            self.gone(self._again_us)
        else:
            self._next(now)

    def _next(self, now: Us) -> None:
        assert self.start is not None and self.machine is not None
        self._from(
            now + (POLL_US if self._plc.trouble or self._plc.still or not self.machine.up else HEARTBEAT_US)
        )
        if self.machine.more:
            self.poll_us = min(self.poll_us, now + 5_000)
        elif self.machine.mailbox.commanding or self.start.unstored:
            self._from(now + 1)
        if (wake := self.start.next_wake_us()) is not None:
            self._from(max(now + 1, now + wake - self.machine.line_us()))

    def wake(self, at_us: Us) -> None:
        """Something is there for it: cycle at the next poll that is not before at_us."""
        if self.start is not None:
            self._from(max(at_us, self._clock.now_us))

    def _from(self, at_us: Us) -> None:
        at_us = -(-(at_us - self._phase) // POLL_US) * POLL_US + self._phase
        if at_us < self.poll_us:
            self.poll_us = at_us

    def waits(self, us: Us) -> None:
        """The cycle under way takes longer."""
        self.stopped_us = max(self.stopped_us, self._clock.now_us + us)

    def call(self, kind: str) -> None:
        """It makes a call from which it may not come back."""
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                raise PowerGoneError

    def _watched(self, value: Event | Effect) -> None:
        self.seen(value)
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after < 0:
                raise CrashError

    def _flows(self) -> bool:
        """The disk answers within the cycle."""
        return self._clock.now_us >= self.stalled_us
