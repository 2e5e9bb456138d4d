"""What a person is told of the machine's own words, where nothing else follows from them."""

from __future__ import annotations

from sorter.flow import (
    CommandRefused,
    CommChanged,
    DiskSpace,
    EncoderTrouble,
    EventsLost,
    Jammed,
    LinkDown,
    Notice,
    Room,
)

_SLIPS, _GRIPS = 3, 4

Plain = CommChanged | CommandRefused | EncoderTrouble | EventsLost | Jammed | LinkDown


def noticed(event: Plain) -> Notice:
    """The one notice of an event."""
    match event:
        case CommChanged():
            return Notice(event.at_us, f"comm-{event.code}", str(event.session))
        case CommandRefused():
            return Notice(event.at_us, f"refused-{event.result}", event.command.name)
        case EncoderTrouble():
            slips = event.code in (_SLIPS, _GRIPS)
            return Notice(event.at_us, "belt-slip" if slips else "encoder", str(event.code))
        case Jammed():
            return Notice(event.at_us, "diverter-turned" if event.code == 2 else "jam", str(event.place))
        case EventsLost():
            return Notice(event.at_us, "events-lost", str(event.count))
        case LinkDown():
            return Notice(event.at_us, "link-down", event.reason)


def room_notices(before: Room, event: DiskSpace) -> list[Notice]:
    """What begins and what ends when the room changes; little room stays little while there is none."""
    keys: list[str] = []
    if before is Room.ENOUGH and event.room is not Room.ENOUGH:
        keys.append("disk-low")
    if event.room is Room.NONE and before is not Room.NONE:
        keys.append("disk-full")
    if before is Room.NONE and event.room is not Room.NONE:
        keys.append("disk-room")
    if before is not Room.ENOUGH and event.room is Room.ENOUGH:
        keys.append("disk-well")
    return [Notice(event.at_us, key, str(event.free_mb)) for key in keys]
