"""The line's whole program with its maintenance mode: beside production nothing is different."""

from __future__ import annotations

from collections.abc import Mapping

from plc.maintenance import MaintainedProgram
from plc.modes import NOT_PERMITTED, OK
from plc.program import LineProgram
from plc.registers import MAINTENANCE
from plc.signals import FromPc, Inputs, Outputs
from sorter.flow import EyeSeen, PackCommand, PackState, StateChanged
from tests.hubs import layout
from tests.rig import Rig, parcels

LINE = layout(2)
STRAIGHT = (0, 0)


def scanned(
    program: LineProgram, at_ms: int, *, command: PackCommand = PackCommand.NONE, mode: int = 0,
    jog: int = -1, eyes: int = 0,
) -> Outputs:  # fmt: skip
    pc = FromPc(True, True, False, (), command, mode, jog)
    return program.scan(Inputs(at_ms, 4711, eyes, 0, 0, 0, True, False, pc))


def in_maintenance() -> MaintainedProgram:
    program = MaintainedProgram(LINE, 1)
    assert scanned(program, 10, mode=MAINTENANCE).state is PackState.STOPPED
    return program


def test_on_a_stopped_line_one_diverter_turns_and_belt_and_infeed_do_not() -> None:
    said = scanned(in_maintenance(), 20, jog=3)
    assert (said.command, said.wheels) == (OK, (0, 1))
    assert (said.state, said.belt_run, said.infeed) == (PackState.STOPPED, False, False)


def test_what_the_eyes_see_is_told_behind_the_programs_own_words() -> None:
    said = scanned(in_maintenance(), 20, command=PackCommand.RESET, eyes=1)
    assert [type(event) for event in said.events] == [StateChanged, EyeSeen]


def test_a_command_that_moves_the_line_ends_a_jog_and_it_does_not_come_back() -> None:
    program = in_maintenance()
    scanned(program, 20, jog=0)
    said = scanned(program, 30, command=PackCommand.RESET)
    assert (said.state, said.wheels) == (PackState.RESETTING, STRAIGHT)
    at_ms = 30
    while program.state is not PackState.IDLE:
        at_ms += 10
        assert scanned(program, at_ms).wheels == STRAIGHT
    assert at_ms < 500 and scanned(program, at_ms + 10).wheels == STRAIGHT


def test_one_diverter_at_a_time_is_turned() -> None:
    program = in_maintenance()
    assert scanned(program, 20, jog=0).wheels == (-1, 0)
    assert scanned(program, 30, jog=3).wheels == (0, 1)


def test_a_jog_in_production_is_refused_by_the_whole_program_too() -> None:
    said = scanned(MaintainedProgram(LINE, 1), 10, jog=0)
    assert (said.command, said.wheels) == (NOT_PERMITTED, STRAIGHT)


def run(program: LineProgram, orders: Mapping[int, tuple[int, int]]) -> Rig:
    rig = Rig(LINE, parcels(*((1_500_000 + 900_000 * n, 300) for n in range(8))), orders)
    rig.plant.program = program
    return rig.run(25_000_000)


def test_in_production_it_does_and_says_scan_for_scan_what_the_program_alone_does() -> None:
    orders = {n: (n % 4, 65535) for n in range(6)}
    alone, kept = run(LineProgram(LINE, 1), orders), run(MaintainedProgram(LINE, 1), orders)
    assert len(alone.left()) == 8 and set(alone.physical().values()) > {0, 1, 2, 3}
    assert alone.scans == kept.scans
