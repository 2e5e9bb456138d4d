"""Machine code before the first picture: what compiles is compiled while no time budget runs."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from vision.compiled import cache_folder
from vision.faint import faint_label
from vision.linear import examine
from vision.locate import ALL, locate
from vision.specimen import Specimen, draw
from vision.straight import straighten
from vision.symbols import ean13

_EASY = Specimen("SF1234567890123", 1.5, 10.0)
# What is read at once, what is tried to the end and refused, and what needs its strips laid straight.
_SPECIMENS = (_EASY, replace(_EASY, widths=ean13("6901234567892")), replace(_EASY, creases=2))


@cache
def warm_up() -> None:
    """Compile, or load what was compiled before, all that looking at a frame may call; once a process.

    That is reading bars and telling why none were read: afterwards no frame compiles anything.
    """
    with _alone():
        for drawn in (draw(specimen, 1) for specimen in _SPECIMENS):
            examine(drawn.pixels, drawn.region)
            for region in locate(drawn.pixels, ALL):
                for bars in straighten(drawn.pixels, region):
                    examine(drawn.pixels, bars)
            faint_label(drawn.pixels)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time, so that of several that start together one compiles and the others load."""
    folder = cache_folder()
    if folder is None:
        yield
        return
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
