"""A camera that stands: one view under new numbers is no picture of what lies before the camera now."""

from __future__ import annotations

KEPT = 64
"""Views of one camera that are remembered; a driver that stands gives its last one, or one of its buffers."""


class Repeats:
    """The last views of each camera. Noise makes no two exposures alike: one view twice is one exposure."""

    def __init__(self) -> None:
        self._views: dict[int, dict[int, None]] = {}

    def again(self, camera: int, view: int) -> bool:
        """Whether this camera gave this view (a digest of its pixels) among its last KEPT ones."""
        views = self._views.setdefault(camera, {})
        known = view in views
        views.pop(view, None)
        views[view] = None
        if len(views) > KEPT:
            del views[next(iter(views))]
        return known
