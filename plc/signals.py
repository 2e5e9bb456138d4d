"""What goes in and out of the line PLC's program at one scan. Tuples, because they are made at every scan."""

from __future__ import annotations

from typing import NamedTuple

from sorter.flow import Assign, Event, PackCommand, PackState, Triggered


class FromPc(NamedTuple):
    """The PC's wishes as the mailbox lets them through at this scan.

    alive        its heartbeat moved within the communication timeout
    ready        pc_status bit 0: the controller is able to sort
    hold_infeed  pc_status bit 3
    orders       assignments taken in sequence order at this scan; each gets a verdict
    command      a PackML command, once; NONE otherwise
    mode         the mode it wishes, 0 = none
    jog          the chute whose diverter a person wants turned, once; -1 otherwise
    """

    alive: bool
    ready: bool
    hold_infeed: bool
    orders: tuple[Assign, ...]
    command: PackCommand
    mode: int = 0
    jog: int = -1


class Inputs(NamedTuple):
    """Everything the program sees at one scan.

    at_ms     milliseconds since the PLC's boot, u32
    encoder   u32 counts, latched with the scan
    eyes      bit e = belt eye e is covered (order of Layout.eyes_mm)
    outlets   bit c = the eye in chute c is covered
    full      bit c = chute c says full
    faults    bit d = diverter d says it is broken
    safe      the safety chain is closed
    ring_high the event ring is above 75 %: the infeed must be held
    """

    at_ms: int
    encoder: int
    eyes: int
    outlets: int
    full: int
    faults: int
    safe: bool
    ring_high: bool
    pc: FromPc


class Outputs(NamedTuple):
    """Everything the program drives and says at one scan.

    state       PackML state after this scan
    belt_run    motor on
    infeed      the infeed may release parcels
    wheels      per diverter: -1 left, 0 straight, +1 right
    triggers    cameras fired in this scan (also among the events)
    events      for the event ring, oldest first
    jammed, encoder_ok  for the diag word
    fault       first-out fault word (type << 8 | code), 0 = none
    command     result of the command taken at this scan: 0 ok, 1 rejected in state, 2 not permitted
    """

    state: PackState
    belt_run: bool
    infeed: bool
    wheels: tuple[int, ...]
    triggers: tuple[Triggered, ...]
    events: tuple[Event, ...]
    jammed: bool
    encoder_ok: bool
    fault: int
    command: int
