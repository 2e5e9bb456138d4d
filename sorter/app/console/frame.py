"""One frame of the live view: everything that moves, small and whole.

A frame is complete: a browser that lost some, or comes back from sleep, is right again with the next one.
That costs a few kilobytes where differences would cost hundreds of bytes, and there is no state to repair.
"""

from __future__ import annotations

import time
from typing import Any

from sorter.app.console.alarms import KINDS, Alarm
from sorter.app.console.board import Board, OnBelt
from sorter.app.console.follow import STALE_US, Follower
from sorter.app.pulse import monotonic_us
from sorter.flow import REJECT, Notice, Outcome, PackState, ParcelRecord, encoder_delta
from sorter.layout import Layout

STARTABLE = frozenset({PackState.STOPPED, PackState.COMPLETE, PackState.IDLE})


def frame(follower: Follower, layout: Layout) -> dict[str, Any]:
    """The live view now. `live` is false when the controller's beat is old: then nothing may look live.

    parcels  [id, place of the centre in mm from the induct eye, length mm, chute (-1 undecided), waybill]
    """
    pulse = follower.pulse()
    age_us = None if pulse is None else max(0, monotonic_us() - pulse.written_us)
    live = age_us is not None and age_us < STALE_US and not follower.trouble
    with follower.lock:
        board = follower.board
        line_us = pulse.line_us if pulse is not None and live else board.last_us
        return {
            "at": int(time.time() * 1000),
            "age_ms": None if age_us is None else age_us // 1000,
            "live": live,
            "connected": live and board.connected,
            "trouble": follower.trouble,
            "state": board.state.name,
            "hint": hint(board, live),
            "line_us": line_us,
            "per_hour": board.per_hour(line_us) if live else None,
            "inducted": board.inducted,
            "sorted": board.outcomes[Outcome.SORTED],
            "exceptions": sum(board.outcomes.values()) - board.outcomes[Outcome.SORTED],
            "parcels": [
                _parcel(one, pulse.encoder, layout) for one in board.open.values()
            ] if pulse is not None and live else [],
            "chutes": [
                [chute.id, chute.id in board.full, chute.id in board.locked, board.left[chute.id]]
                for chute in layout.chutes
            ],
            "alarms": [_alarm(one) for one in board.alarms.open()],
            "recent": [_record(one) for one in reversed(board.recent)],
            "notices": [_notice(one) for one in reversed(board.notices)],
        }  # fmt: skip


def hint(board: Board, live: bool) -> str:
    """Key of the sentence that says why the line does not sort, and what to do; "" = it sorts."""
    if not live:
        return "controller-gone"
    if not board.connected:
        return "plc-gone"
    if board.state is PackState.EXECUTE:
        return ""
    if board.state in STARTABLE:
        return "press-start"
    return f"state-{board.state.name.lower()}" if board.state in _SAID else "wait"


_SAID = frozenset({PackState.ABORTED, PackState.HELD, PackState.SUSPENDED})


def _parcel(one: OnBelt, encoder: int, layout: Layout) -> list[Any]:
    place_mm = layout.mm(encoder_delta(encoder, one.inducted.encoder))
    chute = -1 if one.decision is None else one.decision.chute
    waybill = "" if one.decision is None else one.decision.waybill
    return [one.inducted.pid, place_mm, one.inducted.length_mm, chute, waybill]


def _alarm(one: Alarm) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": one.key,
        "about": one.about,
        "priority": int(KINDS[one.key].priority),
        "raised_us": one.raised_us,
        "active": one.active,
        "acknowledged": one.acknowledged,
        "count": one.count,
    }


def _record(one: ParcelRecord) -> dict[str, Any]:
    return {
        "pid": one.pid,
        "waybill": one.waybill,
        "outcome": one.outcome.value,
        "why": one.why.value,
        "left": None if one.left == REJECT else one.left,
        "left_us": one.left_us,
    }


def _notice(one: Notice) -> dict[str, Any]:
    return {"at_us": one.at_us, "key": one.key, "about": one.about}
