"""What the cameras do: pictures asked for, answered, failed, how long the answers took."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sorter.flow import FrameRead, Triggered, Us

KEPT = 400
LOOSE = 64
"""Pictures that may be without an answer at once; older ones count as never answered."""


@dataclass(slots=True)
class Sight:
    """One camera's figures. took_us: exposure to answer, of the last KEPT answers."""

    pictures: int = 0
    answers: int = 0
    with_code: int = 0
    failures: int = 0
    last_us: Us = -1
    trouble: str = ""
    took_us: deque[Us] = field(default_factory=lambda: deque(maxlen=KEPT))


class Sights:
    """Every camera that has taken a picture, by number."""

    def __init__(self) -> None:
        self.cameras: dict[int, Sight] = {}
        self._exposed: dict[tuple[int, int], Us] = {}

    def note(self, event: Triggered | FrameRead) -> None:
        """A picture was taken, or answered."""
        if isinstance(event, Triggered):
            sight = self.cameras.setdefault(event.camera, Sight())
            sight.pictures += 1
            sight.last_us = event.at_us
            self._exposed[event.camera, event.frame] = event.at_us
            if len(self._exposed) > LOOSE:
                self._exposed.pop(next(iter(self._exposed)))
        else:
            self._answer(event)

    def _answer(self, event: FrameRead) -> None:
        sight = self.cameras.setdefault(event.tag.camera, Sight())
        sight.answers += 1
        sight.with_code += bool(event.reads)
        if event.failure:
            sight.failures += 1
            sight.trouble = event.failure
        exposed = self._exposed.pop((event.tag.camera, event.tag.frame), None)
        if exposed is not None:
            sight.took_us.append(event.at_us - exposed)
