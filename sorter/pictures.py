"""Pictures meet parcels: joins the PLC's triggers with vision's answers and gives each code to its parcel."""

from __future__ import annotations

from typing import Any

from sorter.flow import CodeRead, FrameRead, FrameTag, Notice, Triggered, Why
from sorter.layout import Layout
from sorter.matching import code_place, nearest, owners, picture_place
from sorter.parcels import OpenParcels

PICTURES_KEPT = 256
"""Pictures without an answer, and answers without a picture, that are remembered; older ones are dropped."""


class Pictures:
    """The pictures in flight of one line."""

    def __init__(self, layout: Layout, parcels: OpenParcels) -> None:
        self._layout = layout
        self._parcels = parcels
        self._window = layout.counts(layout.window_mm)
        self._taken: dict[tuple[int, int], Triggered] = {}
        self._early: dict[tuple[int, int], FrameRead] = {}

    def triggered(self, event: Triggered) -> list[Notice]:
        """A picture was taken; its answer may have been faster than the PLC's word."""
        if event.camera >= len(self._layout.cameras):
            return [Notice(event.at_us, "unknown-camera", str(event.camera))]
        key = (event.camera, event.frame)
        _keep(self._taken, key, event)
        camera = self._layout.cameras[event.camera]
        spans = self._parcels.spans()
        for look_mm in camera.looks_mm:
            tag = FrameTag(event.camera, event.frame, event.encoder)
            pid = nearest(picture_place(self._layout, camera, tag, look_mm), spans, self._window)
            if pid is not None:
                self._parcels[pid].looks[key] = False
        early = self._early.pop(key, None)
        return self.answered(early) if early else []

    def answered(self, event: FrameRead) -> list[Notice]:
        """Vision's answer: codes go to the parcels they lie on, the looked-at parcel is one look richer.

        An answer whose encoder is not its trigger's is an old picture: nothing of it is used.
        """
        tag = event.tag
        key = (tag.camera, tag.frame)
        taken = self._taken.get(key)
        if taken is None:
            _keep(self._early, key, event)
            return []
        if taken.encoder != tag.encoder:
            return [Notice(event.at_us, "old-picture", f"{tag.camera}/{tag.frame}")]
        del self._taken[key]
        notices = [notice for read in event.reads for notice in self._give(event, read)]
        for parcel in self._parcels:
            if key in parcel.looks:
                parcel.looks[key] = True
                parcel.silent = Why.VISION_FAILED if event.failure else Why.NO_CODE
                parcel.read_us = event.at_us
        if event.failure:
            notices.append(Notice(event.at_us, "vision-failed", event.failure))
        return notices

    def forget(self) -> None:
        """The PLC numbers its pictures anew."""
        self._taken.clear()
        self._early.clear()

    def _give(self, event: FrameRead, read: CodeRead) -> list[Notice]:
        """A code that lies on two parcels makes both doubtful; one that lies on none is told."""
        camera = self._layout.cameras[event.tag.camera]
        place = code_place(self._layout, camera, event.tag, read)
        pids = owners(place, self._parcels.spans(), self._window)
        for pid in pids:
            parcel = self._parcels[pid]
            parcel.doubtful = parcel.doubtful or len(pids) > 1
            parcel.reads.append(read)
        if len(pids) == 1:
            return []
        return [Notice(event.at_us, "read-on-two" if pids else "read-on-none", read.text)]


def _keep(store: dict[tuple[int, int], Any], key: tuple[int, int], value: Any) -> None:
    """Remember; forget the oldest beyond the limit. A frame number that comes round again replaces."""
    store.pop(key, None)
    store[key] = value
    if len(store) > PICTURES_KEPT:
        del store[next(iter(store))]
