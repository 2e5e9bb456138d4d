"""Reads the codes in files, for a person at a terminal: every file gives one answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cv2

from sorter.flow import CodeRead
from vision.decode import Reader
from vision.frame import Gray
from vision.image import NO_MEMORY, Unreadable, load
from vision.look import Look
from vision.sight import graded


@dataclass(frozen=True, slots=True)
class FileRead:
    """Codes in one file, if it shows any; reason = why the file gave no picture, empty when it gave one.

    pixels, look  the picture and everything that was tried on it; None when there is no picture
    """

    file: str
    codes: tuple[CodeRead, ...]
    reason: str = ""
    pixels: Gray | None = field(default=None, compare=False, repr=False)
    look: Look | None = field(default=None, compare=False, repr=False)


class Looks(Protocol):
    """Whoever looks at a picture: `vision.decode.Reader` or `vision.belt.BeltReader`."""

    def look(self, gray: Gray) -> Look:
        """The codes in uint8[H, W], and everything that was tried to get them."""
        ...


def read_files(paths: Iterable[Path], reader: Looks | None = None) -> Iterator[FileRead]:
    """One answer per file, as it is read. Folders are expanded, with all their folders, sorted by path.

    reader  default: one for every symbology
    """
    reader = reader or Reader()
    for path in paths:
        for file in _expand(path):
            yield _read(file, reader)


def _expand(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _read(file: Path, reader: Looks) -> FileRead:
    pixels = load(file)
    if isinstance(pixels, Unreadable):
        return FileRead(str(file), (), pixels.reason)
    try:
        look = reader.look(pixels)
    except (MemoryError, cv2.error) as error:
        if isinstance(error, cv2.error) and error.code != cv2.Error.StsNoMem:
            raise
        return FileRead(str(file), (), NO_MEMORY)
    return FileRead(str(file), graded(look), "", pixels, look)
