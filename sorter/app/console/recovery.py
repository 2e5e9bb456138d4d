"""The way back after a stop: which parcels lie where, which to take off, what to press next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sorter.app.console.board import Board
from sorter.flow import Mm, PackState, encoder_delta
from sorter.layout import Layout

AROUND_JAM_MM: Mm = 800
"""Parcels this near to a jammed eye may have been pushed or turned: their places are no longer theirs."""

STEPS: Mapping[PackState, tuple[str, ...]] = {
    PackState.ABORTED: ("look", "take-off", "nobody", "press-clear", "press-start"),
    PackState.HELD: ("look", "take-off", "nobody", "press-unhold"),
    PackState.STOPPED: ("look", "take-off", "nobody", "press-start"),
    PackState.IDLE: ("nobody", "press-start"),
    PackState.COMPLETE: ("nobody", "press-start"),
    PackState.SUSPENDED: ("wait-carry-off", "nobody", "press-start"),
}
"""What a person does next, by state, as keys of sentences."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A parcel on the standing belt. beside: the last eye it has passed, counted from the infeed.

    take_off  why it must come off ("" = it may stay and is sorted when the line goes on)
    """

    pid: int
    waybill: str
    place_mm: Mm
    beside: int
    chute: int
    take_off: str


def lying(board: Board, encoder: int, layout: Layout) -> list[Lying]:
    """Every parcel on the belt, most downstream first; encoder = belt position now."""
    found = []
    for parcel in board.open.values():
        place = layout.mm(encoder_delta(encoder, parcel.inducted.encoder))
        eye = sum(position <= place for position in layout.eyes_mm) - 1
        made = parcel.decision
        chute, waybill = (-1, "") if made is None else (made.chute, made.waybill)
        why = _take_off(board, parcel.closed, place, layout)
        found.append(Lying(parcel.inducted.pid, waybill, place, eye, chute, why))
    return sorted(found, key=lambda one: -one.place_mm)


def _take_off(board: Board, closed: bool, place_mm: Mm, layout: Layout) -> str:
    if board.trouble.strange:
        return "strange"
    if board.state is PackState.ABORTED:
        return "purged"  # Clear makes the PLC forget what lies on the belt
    eyes = layout.eyes_mm
    jammed = [eyes[eye] for eye in board.trouble.jams if eye < len(eyes)]
    if any(abs(eye_mm - place_mm) <= AROUND_JAM_MM for eye_mm in jammed):
        return "jammed"
    return "no-order" if closed else ""


def steps(board: Board) -> tuple[str, ...]:
    """What to do next; empty while the line runs or changes its state."""
    return STEPS.get(board.state, ())
