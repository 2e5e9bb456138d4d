"""While the safety chain is open nothing is ordered or moved, and only a person leads out of it."""

from __future__ import annotations

from plc.blocks import EMPTY
from plc.pc_mailbox import MOTION
from sorter.flow import REJECT, Decision, Notice, PackCommand, PackState, Us
from tests.test_plc_faults import FROM, HUB, states, suspended, world
from tests.wired_world import SECOND, Dies, World

OPENS: Us = 6_800_000
"""Three pictures have been taken then and are answered later."""


def opened() -> World:
    """The chain opens at OPENS and stays open; answers still come, and a person is impatient."""
    made = world()
    made.vision_us = 1_200_000
    made.attended = False
    made.operate(PackCommand.START)
    made.at(OPENS, lambda: made.chain(False))
    made.run_for(OPENS + 2 * SECOND)
    for command in (PackCommand.START, PackCommand.RESET, PackCommand.UNHOLD, PackCommand.CLEAR):
        made.operate(command)
        made.run_for(SECOND)
    return made


def test_while_the_chain_is_open_nothing_is_ordered_or_moved_and_heartbeat_and_acks_go_on() -> None:
    made = opened()
    after = [block for at_us, block in made.blocks if at_us > OPENS + HUB.link.poll_us]
    decided = [v for v in made.journal if isinstance(v, Decision) and v.at_us > OPENS + HUB.link.poll_us]
    assert any(decision.chute != REJECT for decision in decided)
    assert all(row == EMPTY for block in after for row in block.slots)
    assert not {block.cntrl_cmd for block in after} & {int(command) for command in MOTION}
    assert PackCommand.CLEAR in {block.cntrl_cmd for block in after}
    assert ("refused-2", "CLEAR") in {(v.key, v.about) for v in made.journal if isinstance(v, Notice)}
    assert len({block.hb_pc for block in after}) == len(after) > 50
    status = made.read()
    assert status is not None and status.ev_tail_echo == status.ev_head
    assert made.state is PackState.ABORTED and made.plant.line.belt.speed_mm_s(made.env.now_us) == 0


def test_after_an_emergency_stop_only_a_persons_clear_reset_and_start_lead_to_execute() -> None:
    made = opened()
    made.chain(True)
    made.run_for(5 * SECOND)
    reached = [made.state]
    for command in (PackCommand.START, PackCommand.CLEAR, PackCommand.START):
        made.operate(command)
        made.run_for(3 * SECOND)
        reached.append(made.state)
    # Closing the chain starts nothing, Start is no way out, Clear alone does not start.
    assert reached == [PackState.ABORTED, PackState.ABORTED, PackState.STOPPED, PackState.EXECUTE]


def test_clear_is_refused_by_the_plc_while_its_chain_is_open() -> None:
    made = opened()
    made.press(PackCommand.CLEAR)
    made.run_for(SECOND)
    assert made.state is PackState.ABORTED and PackState.CLEARING not in states(made)
    status = made.read()
    assert status is not None and status.cmd_result == 2


def test_a_line_unheld_at_the_panel_goes_on_by_itself_after_a_lost_pc() -> None:
    made = world()
    made.attended = False
    made.operate(PackCommand.START)
    made.at(4 * SECOND, lambda: made.press(PackCommand.HOLD))
    made.at(6 * SECOND, lambda: made.press(PackCommand.UNHOLD))
    made.kill(FROM, Dies.SENT, SECOND)
    made.run_for(FROM + 4 * SECOND)
    assert suspended(made) and made.state is PackState.EXECUTE
