"""The torture's vision: labels in view become codes with corners; answers may fail in every known way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sim.torture.belt import NM_PER_MM
from sim.torture.clock import Clock
from sim.torture.line import Line, Rider
from sorter.flow import CodeRead, Corners, FrameRead, FrameTag, Triggered, Us
from sorter.layout import Camera
from vision.watch import Watch

LEAST_US, SPREAD_US = 60_000, 120_000
JUNK = ("\x1b[31m'; DROP" + chr(0xD800) + "\0") * 3
"""What no decoder should say: an escape, an injection, half a surrogate pair, an end of text."""


class Sight:
    """A `sorter.ports.Reads`. trouble = kind of what is wrong now, "" = nothing.

    others  waybills that a misreading may make of a code
    """

    def __init__(
        self, clock: Clock, camera: Camera, line: Line, hit: Callable[..., None], draw: Callable[[int], int]
    ) -> None:
        self.trouble = ""
        self.others = [""]
        self.came: Callable[[], None] = lambda: None
        self._clock, self._camera, self._line = clock, camera, line
        self._hit, self._draw = hit, draw
        self._waiting: list[FrameRead] = []
        self._life = 0
        self._old: FrameTag | None = None
        self._watch = Watch()
        self._exposures = 0
        self._shown: tuple[int, tuple[CodeRead, ...], bool] = (0, (), False)

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """Answers since the last call."""
        if not self._waiting:
            return ()
        answers, self._waiting = self._waiting, []
        return [replace(answer, at_us=now_us) for answer in answers]

    @property
    def well(self) -> bool:
        """It never says that it is not: what it does is worse."""
        return True

    def forget(self) -> None:
        """The decoders died with the controller: what was in flight is lost."""
        self._waiting.clear()
        self._life += 1

    def look(self, trigger: Triggered) -> None:
        """A picture is taken now; its answer comes after a while, if nothing is wrong."""
        tag = FrameTag(trigger.camera, trigger.frame, trigger.encoder)
        seen = [(rider, self._line.centre_nm(rider)) for rider in self._line.riding.values()]
        position = self._camera.position_mm * NM_PER_MM
        half = self._camera.along_mm * NM_PER_MM // 2
        near = [(rider, centre - position) for rider, centre in seen if abs(centre - position) < half]
        codes = tuple(code for rider, off in near for code in self._codes(rider, off))
        late = LEAST_US + self._draw(SPREAD_US)
        self._answer(tag, self._exposed(tag, codes), [rider for rider, _ in near], late)

    def _exposed(self, tag: FrameTag, codes: tuple[CodeRead, ...]) -> tuple[CodeRead, ...]:
        """What the camera gives out: what lies before it, or what it gave the last time."""
        self._exposures += 1
        if self.trouble != "vision-still" or not self._shown[0]:
            dark = self.trouble == "vision-black"
            self._shown = self._exposures, () if dark else codes, dark
        elif not self._shown[2]:
            self._line.fact("still", tag.camera, tag.frame, tag.encoder)
        if self._shown[2]:
            self._line.fact("dark", self._exposures, tag.camera, tag.frame, tag.encoder)
        return self._shown[1]

    def _codes(self, rider: Rider, off_nm: int) -> list[CodeRead]:
        camera = self._camera
        row = camera.along_px // 2 - off_nm * camera.along_px // (camera.along_mm * NM_PER_MM)
        if not rider.parcel.readable:
            return []
        places = range(100, 1000, 450)  # side by side on the label
        return [
            CodeRead(text, "Code128", _corners(x, row), "torture")
            for text, x in zip(rider.parcel.codes, places, strict=False)
        ]

    def _answer(self, tag: FrameTag, codes: tuple[CodeRead, ...], riders: list[Rider], late: Us) -> None:
        trouble = self.trouble
        view, _, dark = self._shown
        if failure := self._watch.doubt(tag.camera, (view,), dark):
            codes = ()
        if trouble:
            self._hit(trouble)
        if trouble in ("vision-misread", "vision-conflict"):
            for rider in riders:
                self._line.fact("misread", rider.parcel.n)
        if trouble == "vision-lost":
            return
        if trouble == "vision-late":
            late += 300_000 + self._draw(2_000_000)
        elif trouble == "vision-frozen" and self._old is not None:
            tag = replace(tag, encoder=self._old.encoder)
        elif trouble == "vision-abort":
            codes, failure = (), "decoder ended"
        elif trouble == "vision-conflict":
            codes += tuple(replace(code, text=f"JT{self._draw(10**13):013}") for code in codes)
        elif trouble == "vision-misread":
            codes = tuple(replace(code, text=self.others[self._draw(len(self.others))]) for code in codes)
        elif trouble == "vision-junk":
            codes += tuple(replace(code, text=JUNK) for code in codes)
        self._old = tag
        self._send(FrameRead(0, tag, codes, failure), late)
        if trouble == "vision-twice":
            self._send(FrameRead(0, tag, codes, failure), late + self._draw(500_000))

    def _send(self, answer: FrameRead, late: Us) -> None:
        life = self._life

        def arrive() -> None:
            if life == self._life:
                self._waiting.append(answer)
                self.came()

        self._clock.after(late, arrive)


def _corners(x: int, row: int) -> Corners:
    return ((x, row - 5), (x + 300, row - 5), (x + 300, row + 5), (x, row + 5))
