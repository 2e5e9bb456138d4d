"""Pictures meet parcels: joins the PLC's triggers with vision's answers and gives each code to its parcel."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from sorter.flow import (
    ENCODER_SPAN,
    CodeRead,
    Corners,
    EncoderTrouble,
    FrameRead,
    FrameTag,
    Notice,
    Triggered,
    Unread,
    Why,
    encoder_delta,
)
from sorter.layout import Layout
from sorter.matching import code_aside_mm, code_place, code_size_mm, nearest, owners, picture_place
from sorter.notices import noticed
from sorter.parcels import OpenParcel, OpenParcels
from sorter.vote import Sighting, Spot

PICTURES_KEPT = 256
"""Pictures without an answer, and answers without a picture, that are remembered; older ones are dropped."""

_LOST, _WELL = 1, 2
"""Codes of `EncoderTrouble`."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without an answer yet: the encoder at exposure, and the parcels that it was taken of."""

    encoder: int
    parcels: tuple[OpenParcel, ...]


class Pictures:
    """The pictures in flight of one line. blind: places are unknown, no picture is of a parcel."""

    def __init__(self, layout: Layout, parcels: OpenParcels) -> None:
        self._layout = layout
        self._parcels = parcels
        self._window = layout.counts(layout.window_mm)
        self._taken: dict[tuple[int, int], Picture] = {}
        self._early: dict[tuple[int, int], FrameRead] = {}
        self._blind = False

    def triggered(self, event: Triggered) -> list[Notice]:
        """A picture was taken; its answer may have been faster than the PLC's word."""
        if event.camera >= len(self._layout.cameras):
            return [Notice(event.at_us, "unknown-camera", str(event.camera))]
        if self._blind:
            return []
        key = (event.camera, event.frame)
        camera = self._layout.cameras[event.camera]
        tag = FrameTag(event.camera, event.frame, event.encoder)
        parcels = []
        for look_mm in camera.looks_mm:
            place = picture_place(self._layout, camera, tag, look_mm) % ENCODER_SPAN
            pid = nearest(place, self._parcels.spans_near(place, self._window), self._window)
            if pid is not None:
                parcels.append(self._parcels[pid])
                parcels[-1].looks[key] = False
                parcels[-1].pictures.append(tag)
        _keep(self._taken, key, Picture(event.encoder, tuple(parcels)))
        early = self._early.pop(key, None)
        return self.answered(early) if early else []

    def answered(self, event: FrameRead) -> list[Notice]:
        """Vision's answer: codes go to the parcels they lie on, the looked-at parcel is one look richer.

        An answer whose encoder is not its trigger's is an old picture: nothing of it is used.
        """
        tag = event.tag
        key = (tag.camera, tag.frame)
        taken = self._taken.get(key)
        if self._blind:
            return []
        if taken is None:
            _keep(self._early, key, event)
            return []
        if taken.encoder != tag.encoder:
            return [Notice(event.at_us, "old-picture", f"{tag.camera}/{tag.frame}")]
        del self._taken[key]
        notices = [notice for read in event.reads for notice in self._give(event, read)]
        if event.unread:
            bearing = {parcel for read in event.reads for parcel in self._owners(event, read.corners)[0]}
            for unread in event.unread:
                self._unread(event, unread, bearing)
        for parcel in taken.parcels:
            parcel.judged = parcel.judged or event.judged
            parcel.looks[key] = True
            failed = bool(event.failure) or parcel.silent is Why.VISION_FAILED
            parcel.silent = Why.VISION_FAILED if failed else Why.NO_CODE
            parcel.read_us = event.at_us
        if event.failure:
            notices.append(Notice(event.at_us, "vision-failed", event.failure))
        return notices

    def encoder_trouble(self, event: EncoderTrouble) -> list[Notice]:
        """Counts were lost: a picture may be its neighbour's. None is used until the belt is cleared."""
        if event.code in (_LOST, _WELL):
            self.forget()
            self._blind = event.code == _LOST
        return [noticed(event)]

    def forget(self) -> None:
        """No parcel is left of those that were pictured, or the PLC numbers its pictures anew."""
        self._taken.clear()
        self._early.clear()
        self._blind = False

    def _give(self, event: FrameRead, read: CodeRead) -> list[Notice]:
        """A code that lies on two parcels makes both doubtful; one that lies on none is told."""
        parcels, place = self._owners(event, read.corners)
        camera = self._layout.cameras[event.tag.camera]
        across_mm, size_mm = code_aside_mm(camera, read.corners), code_size_mm(camera, read.corners)
        for parcel in parcels:
            parcel.doubtful = parcel.doubtful or len(parcels) > 1
            along_mm = self._layout.mm(encoder_delta(parcel.span.place, place))
            parcel.seen.append(Sighting(read, along_mm, across_mm, size_mm))
        if len(parcels) == 1:
            return []
        return [Notice(event.at_us, "read-on-two" if parcels else "read-on-none", read.text)]

    def _unread(self, event: FrameRead, unread: Unread, bearing: Set[OpenParcel]) -> None:
        """A code without a text; what may be a waybill is a rival to what was read on its parcel there."""
        parcels, place = self._owners(event, unread.corners)
        camera = self._layout.cameras[event.tag.camera]
        across_mm, size_mm = code_aside_mm(camera, unread.corners), code_size_mm(camera, unread.corners)
        for parcel in parcels:
            parcel.unread.append(unread.cause)
            if unread.waybill and parcel in bearing:
                along_mm = self._layout.mm(encoder_delta(parcel.span.place, place))
                parcel.rivals.append(Spot(along_mm, across_mm, size_mm))

    def _owners(self, event: FrameRead, corners: Corners) -> tuple[list[OpenParcel], int]:
        """The parcels on which something in a picture can lie, and its place, u32 counts."""
        camera = self._layout.cameras[event.tag.camera]
        place = code_place(self._layout, camera, event.tag, corners) % ENCODER_SPAN
        pids = owners(place, self._parcels.spans_near(place, self._window), self._window)
        return [self._parcels[pid] for pid in pids], place


def _keep(store: dict[tuple[int, int], Any], key: tuple[int, int], value: Any) -> None:
    """Remember; forget the oldest beyond the limit. A frame number that comes round again replaces."""
    store.pop(key, None)
    store[key] = value
    if len(store) > PICTURES_KEPT:
        del store[next(iter(store))]
