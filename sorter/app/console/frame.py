"""One frame of the live view: everything that moves, small and whole.

A frame is complete: a browser that lost some, or comes back from sleep, is right again with the next one.
That costs a few kilobytes where differences would cost hundreds of bytes, and there is no state to repair.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sorter.app.console.alarm_kinds import KINDS
from sorter.app.console.alarms import Alarm
from sorter.app.console.board import Bag, Board, OnBelt
from sorter.app.console.follow import STALE_US, Follower
from sorter.app.console.recovery import lying, steps
from sorter.app.pulse import Pulse, monotonic_us
from sorter.app.texts import printable
from sorter.flow import (
    REJECT,
    Direction,
    Mm,
    Notice,
    Outcome,
    PackState,
    ParcelRecord,
    Service,
    Us,
    encoder_delta,
)
from sorter.layout import Layout
from vision.keeper import picture_file

STARTABLE = frozenset({PackState.STOPPED, PackState.COMPLETE, PackState.IDLE})
NOWHERE = Path()
SILENT_US: Us = 60_000_000
"""A line that runs so long without a parcel says so."""

_SAID = frozenset({PackState.ABORTED, PackState.HELD, PackState.SUSPENDED})


def frame(follower: Follower, layout: Layout) -> dict[str, Any]:
    """The live view now. `live` is false when the controller's beat is old: then nothing may look live.

    parcels  [id, place of the centre in mm from the induct eye, length mm, chute (-1 undecided), waybill]
    coding   [id, reason, waybill, ms left, pictures] of parcels that a person may code, most urgent first
    chutes   [id, full, locked, left since the run began, in its bag, bag code]
    zero_ms  Unix time of line clock 0, null when unknown
    """
    pulse = follower.pulse()
    age_us = None if pulse is None else max(0, monotonic_us() - pulse.written_us)
    live = age_us is not None and age_us < STALE_US and not follower.trouble
    zero_us = follower.zero_us(pulse)
    with follower.lock:
        board = follower.board
        line_us = pulse.line_us if pulse is not None and live else board.last_us
        return {
            "at": int(time.time() * 1000),
            "age_ms": None if age_us is None else age_us // 1000,
            "zero_ms": None if zero_us is None else zero_us // 1000,
            "live": live,
            "connected": live and board.connected,
            "trouble": follower.trouble,
            "state": board.state.name,
            "plan": board.rulings.version,
            "hint": hint(board, live, line_us) if pulse is not None else "controller-awaited",
            "line_us": line_us,
            "seen_us": board.last_us,
            **_figures(board, line_us, live),
            **_moving(board, pulse if live else None, layout),
            "chutes": [_chute(chute.id, board) for chute in layout.chutes],
            **_alarms(board, line_us),
            "recent": [_record(one) for one in reversed(board.recent)],
            "notices": [_notice(one) for one in reversed(board.notices)],
        }


def hint(board: Board, live: bool, line_us: Us) -> str:
    """Key of the sentence that says why the line does not sort, and what to do; "" = it sorts."""
    if not live:
        return "controller-gone"
    if not board.connected:
        return "plc-gone"
    if board.state is PackState.EXECUTE:
        return "" if line_us - board.since_us() < SILENT_US else "nothing-comes"
    if board.state in STARTABLE:
        return "press-start"
    return f"state-{board.state.name.lower()}" if board.state in _SAID else "wait"


def _figures(board: Board, line_us: Us, live: bool) -> dict[str, Any]:
    ended = sum(board.outcomes.values())
    return {
        "per_hour": board.per_hour(line_us) if live else None,
        "inducted": board.inducted,
        "sorted": board.outcomes[Outcome.SORTED],
        "exceptions": ended - board.outcomes[Outcome.SORTED],
        "unread": board.outcomes[Outcome.NO_READ],
        "again": board.again,
    }


def _moving(board: Board, pulse: Pulse | None, layout: Layout) -> dict[str, Any]:
    """What only a live line has; nothing of it is shown of one that is not."""
    if pulse is None:
        return {"parcels": [], "coding": [], "steps": [], "lying": []}
    running = board.state is PackState.EXECUTE
    way_back = () if running else steps(board)
    return {
        "parcels": [_parcel(one, pulse.encoder, layout) for one in board.open.values()],
        "coding": _coding(board, pulse.encoder, layout),
        "steps": list(way_back),
        "lying": [
            [one.pid, printable(one.waybill), one.place_mm, one.beside, one.chute, one.take_off]
            for one in (lying(board, pulse.encoder, layout) if way_back else ())
        ],
    }


def place_mm(one: OnBelt, encoder: int, layout: Layout) -> Mm:
    """How far a parcel's centre is beyond the induct eye."""
    return layout.mm(encoder_delta(encoder, one.inducted.encoder))


def left_us(one: OnBelt, encoder: int, layout: Layout, chute: int) -> Us:
    """Time until the parcel passes a chute's decision position, at full speed; negative when it has."""
    eye = layout.diverters[layout.chutes[chute].diverter].eye_mm
    return (eye - place_mm(one, encoder, layout)) * 1_000_000 // layout.belt.speed_mm_s


def _parcel(one: OnBelt, encoder: int, layout: Layout) -> list[Any]:
    chute = -1 if one.decision is None else one.decision.chute
    waybill = "" if one.decision is None else printable(one.decision.waybill)
    return [one.inducted.pid, place_mm(one, encoder, layout), one.inducted.length_mm, chute, waybill]


def _coding(board: Board, encoder: int, layout: Layout) -> list[list[Any]]:
    """Who waits for a person and can still reach a chute for what goes down."""
    last = _last_down(board, layout)
    rows = []
    for one in board.open.values():
        left = left_us(one, encoder, layout, last) // 1000
        if one.waits and left > 0 and one.decision is not None:
            made = one.decision
            names = [picture_file(NOWHERE, tag).name for tag in made.pictures]
            rows.append([made.pid, made.why.value, printable(made.waybill), left, names])
    return rows


def _last_down(board: Board, layout: Layout) -> int:
    """The most downstream chute that the plan gives to what goes down; the line's last one without any."""
    rules = board.rulings.plan.rules
    down = [rule for rule in rules if not rule.directions or Direction.DOWN in rule.directions]
    common = [rule for rule in down if not rule.services or Service.STANDARD in rule.services]
    chutes = [chute for rule in common for chute in rule.chutes if chute < len(layout.chutes)]
    return max(chutes, key=lambda chute: layout.chutes[chute].diverter, default=len(layout.chutes) - 1)


def _chute(chute: int, board: Board) -> list[Any]:
    bag = board.bags.get(chute, Bag(chute))
    full, locked, broken = (chute in kind for kind in (board.full, board.locked, board.broken))
    return [chute, full, locked, board.left[chute], bag.parcels, bag.code, broken]


def _alarms(board: Board, line_us: Us) -> dict[str, Any]:
    load = board.alarms.load(line_us)
    return {
        "alarms": [shown(one) for one in board.alarms.open(line_us)],
        "shelved": len(board.alarms.shelved(line_us)),
        "flood": load.flood,
    }


def shown(one: Alarm) -> dict[str, Any]:
    """An alarm for a page."""
    return {
        "id": one.id,
        "key": one.key,
        "about": printable(one.about),
        "priority": int(KINDS[one.key].priority),
        "raised_us": one.raised_us,
        "cleared_us": one.cleared_us,
        "active": one.active,
        "acknowledged": one.acknowledged,
        "count": one.count,
    }


def _record(one: ParcelRecord) -> dict[str, Any]:
    return {
        "pid": one.pid,
        "waybill": printable(one.waybill),
        "outcome": one.outcome.value,
        "why": one.why.value,
        "left": None if one.left == REJECT else one.left,
        "left_us": one.left_us,
    }


def _notice(one: Notice) -> dict[str, Any]:
    return {"at_us": one.at_us, "key": one.key, "about": printable(one.about)}
