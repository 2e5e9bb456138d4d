"""Vision out of a journal: the answers that a recorded run got, given again picture by picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sorter.codec import Value
from sorter.flow import Effect, Event, FrameRead, FrameTag, Triggered, Us


class RecordedReads:
    """A `sorter.ports.Reads`: each picture is answered as its namesake was, after the same time.

    Pictures are known by camera and frame number; `note` hears of them as they are taken. One that the
    recorded run did not take is not answered.
    """

    def __init__(self, values: Iterable[Value]) -> None:
        self._answers: dict[tuple[int, int], tuple[Us, FrameRead]] = {}
        self._due: list[tuple[Us, FrameRead]] = []
        taken: dict[tuple[int, int], Us] = {}
        early: dict[tuple[int, int], FrameRead] = {}
        for value in values:
            if isinstance(value, Triggered):
                taken[value.camera, value.frame] = value.at_us
            elif isinstance(value, FrameRead):
                early[value.tag.camera, value.tag.frame] = value
        for key, answer in early.items():
            self._answers[key] = (max(0, answer.at_us - taken.get(key, answer.at_us)), answer)

    def note(self, value: Event | Effect) -> None:
        """Hear of a picture being taken."""
        if isinstance(value, Triggered) and (known := self._answers.get((value.camera, value.frame))):
            after_us, answer = known
            tag = FrameTag(value.camera, value.frame, value.encoder)
            self._due.append((value.at_us + after_us, replace(answer, tag=tag)))

    @property
    def well(self) -> bool:
        """Recorded answers do not fail."""
        return True

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """Answers that are due at now_us."""
        ripe = [replace(answer, at_us=now_us) for due_us, answer in self._due if due_us <= now_us]
        self._due = [(due_us, answer) for due_us, answer in self._due if due_us > now_us]
        return ripe

    def close(self) -> None:
        """Nothing to end."""
