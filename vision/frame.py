"""A picture with its name: what every source gives and every reader takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sorter.flow import FrameTag

Gray = NDArray[np.uint8]
"""Brightness per pixel, uint8[H, W], 0 black; row 0 first."""


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One exposure: which one, and its pixels uint8[H, W]. Compared by identity; nobody writes the pixels.

    doubt  what is wrong with the camera, as far as its pictures tell (`vision.watch`); "" = nothing
    """

    tag: FrameTag
    pixels: Gray
    doubt: str = ""


def check_gray(gray: Gray) -> Gray:
    """The same pixels, contiguous in memory. Raises ValueError unless uint8[H, W] with H, W > 0."""
    if not isinstance(gray, np.ndarray) or gray.dtype != np.uint8 or gray.ndim != 2 or not gray.size:
        found = f"{gray.dtype}{list(gray.shape)}" if isinstance(gray, np.ndarray) else type(gray).__name__
        raise ValueError(f"a grey picture is numpy uint8[H, W] with H and W > 0, not {found}")
    return np.ascontiguousarray(gray)
