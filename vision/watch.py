"""What a camera's pictures, one after another, say of the camera: it stands, or it is in the dark."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection

from vision.answer import DARK, STILL

KEPT = 64
"""Views of one camera that are remembered; a driver that stands gives its last one, or one of its buffers."""

DARK_ONES = 3
"""So many dark pictures in a row: the lamp or the lens; one or two may be black bags on a black belt."""


class Watch:
    """The last views of each camera. Noise makes no two exposures alike: one view twice is one exposure."""

    def __init__(self) -> None:
        self._views: dict[int, deque[frozenset[int]]] = {}
        self._dark = Counter[int]()

    def doubt(self, camera: int, bands: Collection[int], dark: bool) -> str:
        """STILL or DARK, or nothing, of this camera's next picture.

        bands  digests of its parts; most of them as before: the same view, whatever counter is drawn into it.
               Empty for a picture without noise, in which nothing can be known again
        """
        self._dark[camera] = self._dark[camera] + 1 if dark else 0
        if dark:
            return DARK if self._dark[camera] >= DARK_ONES else ""
        views, view = self._views.setdefault(camera, deque(maxlen=KEPT)), frozenset(bands)
        if any(2 * len(view & known) > len(view) for known in views):
            return STILL
        views.append(view)
        return ""
