"""How long a frame may be looked at, and what is told of it when that was not enough."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from sorter.flow import CodeRead, NoRead
from sorter.layout import Camera
from tests.test_vision_pipeline import answers, line, put
from vision.answer import TIME_OVER, Sight
from vision.belt import BeltReader
from vision.budget import SHORT_S, Budget
from vision.frame import Gray
from vision.look import Look
from vision.pipeline import SPARE_S
from vision.region import Region
from vision.render import render
from vision.render_scene import Knobs, staged
from vision.sight import BeltSight, sight_of

NEAR = Camera(0, 1000, 200, 200, 816, 816, (0,))  # the hub's scale, 1.53 px per module
READ = CodeRead("SF1234567890123", "CODE128", ((0, 0), (9, 0), (9, 9), (0, 9)), "bars")
BRIEF_S, FAR_S = 0.02, 600.0


def budget(end_s: float = FAR_S, last_s: float = FAR_S, waits: bool = False) -> Budget:
    """Ends so many seconds from now."""
    now_s = time.monotonic()
    return Budget(now_s + end_s, now_s + last_s, lambda: waits, BRIEF_S)


def work() -> None:
    """More than the short time, of our own."""
    end_s = time.thread_time() + 2 * BRIEF_S
    while time.thread_time() < end_s:
        pass


def test_a_frame_gets_its_short_time_though_others_wait_and_its_answer_is_late() -> None:
    pressed = budget(end_s=-1.0, waits=True)
    assert not pressed.over()
    work()
    assert pressed.over()


def test_a_machine_that_is_busy_with_others_does_not_shorten_it() -> None:
    pressed = budget(end_s=-1.0, waits=True)
    time.sleep(5 * BRIEF_S)
    assert not pressed.over()


def test_after_its_short_time_it_goes_on_while_its_answer_serves_and_no_other_waits() -> None:
    alone, pressed, late = budget(), budget(waits=True), budget(end_s=-1.0)
    work()
    assert (alone.over(), pressed.over(), late.over()) == (False, True, True)


def test_on_a_machine_too_busy_for_any_work_it_ends_all_the_same() -> None:
    assert budget(last_s=-1.0).over()
    assert Budget.of(-1.0).over() and not Budget.of(FAR_S).over()


def bars(x_px: float, kind: str = "bars") -> Region:
    return Region(x_px, 5.0, 0.0, 9.0, 9.0, "bars" if kind == "bars" else "matrix")


def test_a_look_that_ran_out_of_time_tells_no_cause_but_that() -> None:
    scene = staged(NEAR, Knobs(), 3)
    pixels, eyes = render(NEAR, scene.boxes, 3), BeltSight()
    assert eyes.look(pixels, budget(last_s=-1.0)) == Sight((), failure=TIME_OVER)
    assert {read.text for read in eyes.look(pixels).reads} >= set(scene.waybills)


def test_where_time_ran_out_nothing_counts_beside_bars_that_may_be_another_waybill() -> None:
    assert sight_of(BLANK, Look((READ,), (), (bars(5), bars(50)), True, (bars(50),))) == Sight(
        (), failure=TIME_OVER
    )


def test_what_was_read_counts_when_only_a_square_code_was_left() -> None:
    square = bars(50, "matrix")
    assert sight_of(BLANK, Look((READ,), (), (bars(5), square), True, (square,))) == Sight((READ,))


def test_bars_beside_a_read_one_that_nobody_could_read_are_not_forgotten_when_time_is_over() -> None:
    square = Region(50.0, 50.0, 0.0, 20.0, 20.0, "matrix")
    rival = Region(4.5, 12.0, 0.0, 9.0, 4.0, "bars", elements=80)
    look = Look((READ,), (), (bars(5), rival, square), True, (square,))
    assert sight_of(BLANK, look) == Sight((), failure=TIME_OVER)


def test_the_ladder_tells_which_regions_it_left() -> None:
    scene = staged(NEAR, Knobs(copies=1.0), 3)
    pixels = render(NEAR, scene.boxes, 3)
    whole = BeltReader().look(pixels)
    assert not whole.late and whole.left == () and len(whole.regions) > 1
    after_first = _Turns(len(whole.regions) + 1)
    cut = BeltReader().look(pixels, after_first)
    assert cut.late and set(cut.left) == set(whole.regions) - {whole.regions[0]} and len(cut.reads) == 1


class ThoroughReader:
    """Goes on until time is over and tells the working time in ms."""

    def look(self, gray: Gray, budget: Budget) -> Sight:
        began_s = time.thread_time()
        while not budget.over():
            pass
        worked = f"{1000 * (time.thread_time() - began_s):.0f}"
        return Sight((CodeRead(worked, "QR", ((0, 0), (1, 0), (1, 1), (0, 1)), "script"),))


def test_a_frame_is_read_on_while_its_answer_serves_unless_others_wait(tmp_path: Path) -> None:
    with line(tmp_path, deadline_s=60.0, make=ThoroughReader, serves_s=1.5) as (writer, vision):
        put(writer, 10, 11)
        hurried, alone = answers(vision, 2)
        short_ms = 1000 * SHORT_S
        assert short_ms <= int(hurried.reads[0].text) < short_ms + 100
        assert int(alone.reads[0].text) >= short_ms
        put(writer, 12)
        began = time.monotonic()
        answers(vision, 1)
        assert time.monotonic() - began >= 1.5 - SPARE_S - 0.1


class _Turns(Budget):
    """Over after having been asked so often."""

    def __init__(self, turns: int) -> None:
        super().__init__(FAR_S, FAR_S)
        object.__setattr__(self, "short_s", turns)

    def over(self) -> bool:
        object.__setattr__(self, "short_s", self.short_s - 1)
        return self.short_s < 0


BLANK = np.full((60, 60), 200, np.uint8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (3, 3), (2448, 3), (3, 2448), (9, 9)])
@pytest.mark.parametrize("pixels", ["white", "noise", "stripes"])
def test_a_frame_of_any_shape_gives_an_answer(shape: tuple[int, int], pixels: str) -> None:
    gray = {
        "white": np.full(shape, 255, np.uint8),
        "noise": np.random.default_rng(1).integers(0, 256, shape, np.uint8),
        "stripes": np.indices(shape).sum(axis=0).astype(np.uint8) // 2 % 2 * np.uint8(255),
    }[pixels]
    sight = BeltSight().look(gray)
    assert sight.judged and not sight.reads
    assert {one.cause for one in sight.unread} <= {NoRead.GLARE}
