"""Where frames come from: a folder, a video, a camera, the shared-memory ring. All are iterators."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from sorter.flow import FrameTag
from vision.frame import Frame, Gray
from vision.image import Unreadable, load
from vision.ring import RingReader

_FRAMES = 1 << 16  # frame numbers are u16, as the PLC's


class Source(Protocol):
    """A run of pictures. What cannot be read comes as a value in its place; nothing is raised for it."""

    def __iter__(self) -> Iterator[Frame | Unreadable]:
        """Frames in the order taken, from the first one on. Waits only where a camera does."""
        ...


class Folder:
    """The files directly in a folder, sorted by name; frame = place in that order, encoder 0."""

    def __init__(self, path: Path, camera: int = 0) -> None:
        self._path = path
        self._camera = camera

    def __iter__(self) -> Iterator[Frame | Unreadable]:
        """One frame or reason per file; one reason when the folder itself cannot be listed."""
        try:
            files = sorted(path for path in self._path.iterdir() if path.is_file())
        except OSError as error:
            yield Unreadable(str(self._path), error.strerror or str(error))
            return
        for number, path in enumerate(files):
            pixels = load(path)
            if isinstance(pixels, Unreadable):
                yield pixels
            else:
                yield Frame(FrameTag(self._camera, number % _FRAMES, 0), pixels)


class Stream:
    """A video file, or a camera by its index or URL, through OpenCV; frame counts from 0, encoder 0.

    It ends when the stream does. A live camera's lost connection ends it too: the caller starts anew.
    """

    def __init__(self, place: Path | int | str, camera: int = 0) -> None:
        self._place = place
        self._camera = camera

    def __iter__(self) -> Iterator[Frame | Unreadable]:
        """Frames until the end; a single reason when the stream cannot be opened or has no picture."""
        capture = cv2.VideoCapture(self._place if isinstance(self._place, int) else str(self._place))
        try:
            for number in itertools.count():
                there, pixels = capture.read()
                if not there:
                    break
                yield Frame(FrameTag(self._camera, number % _FRAMES, 0), _gray(np.asarray(pixels, np.uint8)))
            if number == 0:
                yield Unreadable(str(self._place), "no such camera or video, or no picture in it")
        finally:
            capture.release()


class Ring:
    """What is in a ring now and not yet taken; iterate again for what came since."""

    def __init__(self, reader: RingReader) -> None:
        self._reader = reader

    def __iter__(self) -> Iterator[Frame | Unreadable]:
        """Frames without waiting, with their own tags."""
        while (frame := self._reader.take()) is not None:
            yield frame


def _gray(pixels: Gray) -> Gray:
    """Grey of a video picture, uint8[H, W] or BGR uint8[H, W, 3]."""
    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
