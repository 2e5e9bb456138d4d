from __future__ import annotations

from plc.event_ring import EventRing
from plc.pc_mailbox import PcMailbox
from plc.records import unpack_slot
from plc.registers import CommandBlock
from sorter.flow import ChuteBroken, Left, PackCommand, PackState, Result
from tests.pairs import LINE, RESET, START, Pair, inducted, joined, order
from tests.tiny_plc import TinyPlc

# ------------------------------------------------------------ sessions


def test_nothing_is_offered_before_the_plc_shows_our_session() -> None:
    pair = Pair()
    pair.pc.offer([order(1), RESET])
    block = pair.cycle()
    assert block.slots[0] == (0,) * 8 and block.cntrl_cmd == 0
    block = pair.cycle()
    assert unpack_slot(block.slots[0]) == (1, order(1)) and block.cntrl_cmd == PackCommand.RESET


def test_the_adopting_block_only_sets_the_session() -> None:
    pair = joined()
    words = pair.pc.block(True)
    block = CommandBlock.unpack(words)
    stranger = CommandBlock(9, 99, PackCommand.START, 5, 0, 0, 1, block.version_boot, 0, block.slots, 9)
    pair.plc.mailbox.receive(stranger.pack())
    heard = pair.plc.scan()
    assert (heard.command, heard.ready) == (PackCommand.NONE, False)
    assert pair.plc.status.session_echo == 99 and pair.plc.status.hb_pc_echo != 9


def test_a_second_master_is_refused_while_the_first_lives_and_adopted_when_it_is_gone() -> None:
    pair = joined()
    pair.plc.state = PackState.EXECUTE
    other = PcMailbox(500)
    other.connect(pair.plc.status)
    for _ in range(30):
        pair.cycle()
        pair.plc.mailbox.receive(other.block(False))
        pair.plc.scan()
    assert pair.plc.status.session_echo == 77
    assert pair.comms() == [(3, 77), (4, 500)]
    assert pair.plc.status.diag >> 6 & 1
    pair.plc.scan(LINE.comm_timeout_us // 1000)
    pair.plc.mailbox.receive(other.block(False))
    pair.plc.scan()
    assert pair.plc.status.session_echo == 500


def test_blocks_that_are_torn_or_speak_to_another_boot_or_map_or_have_no_session_are_ignored() -> None:
    pair = joined()
    good = pair.pc.block(True)
    for word, value in ((89, good[0] ^ 1), (1, 0), (7, good[7] ^ 0x0001), (7, good[7] ^ 0x0100)):
        words = list(good)
        words[word] = value
        before = pair.plc.status.hb_pc_echo
        pair.plc.mailbox.receive(words)
        pair.plc.scan()
        assert (pair.plc.status.hb_pc_echo, pair.plc.status.session_echo) == (before, 77)
    pair.plc.mailbox.receive(good)
    pair.plc.scan()
    assert pair.plc.status.hb_pc_echo == good[0]


# ------------------------------------------------------------ heartbeat


def test_a_silent_pc_is_lost_at_the_timeout_and_back_with_its_heartbeat() -> None:
    pair = joined()
    due = pair.plc.mailbox.due_ms
    assert due is not None
    assert pair.plc.scan(due - pair.plc.at_ms - 1).alive
    assert not pair.plc.scan(1).alive
    assert pair.plc.mailbox.due_ms is None
    pair.cycle()
    pair.cycle()
    assert pair.comms() == [(3, 77), (1, 77), (2, 77)]


def test_the_silence_of_a_pc_is_measured_across_the_wrap_of_the_plcs_clock() -> None:
    plc = TinyPlc(LINE)
    plc.at_ms = (1 << 32) - 300
    pair = Pair(plc=plc)
    for _ in range(3):
        pair.cycle()
    due = pair.plc.mailbox.due_ms
    assert due is not None and due < 500 < pair.plc.at_ms
    assert pair.plc.scan((due - pair.plc.at_ms - 1) % (1 << 32)).alive
    assert not pair.plc.scan(1).alive


def test_a_repeated_heartbeat_does_not_keep_the_pc_alive() -> None:
    pair = joined()
    words = pair.pc.block(True)
    alive = []
    for _ in range(60):
        pair.plc.mailbox.receive(words)
        alive.append(pair.plc.scan().alive)
    # The first of them moves the heartbeat; 500 ms later, 50 scans of 10 ms, the PC is lost.
    assert alive == [True] * 50 + [False] * 10


def test_the_plc_heartbeat_counts_scans_that_were_not_run() -> None:
    plc = TinyPlc(LINE)
    plc.scan(10)
    first = plc.status.hb_plc
    plc.scan(700)
    assert plc.status.hb_plc == first + 70 and not plc.status.torn


# ------------------------------------------------------------ commands


def test_a_command_acts_once_and_the_next_after_it() -> None:
    pair = joined()
    pair.pc.offer([RESET, START])
    for _ in range(6):
        pair.cycle()
    assert pair.plc.commands == [PackCommand.RESET, PackCommand.START]


def test_a_command_waits_for_the_second_block_after_a_communication_loss() -> None:
    pair = joined()
    pair.plc.scan(600)
    pair.pc.offer([RESET])
    pair.cycle()
    assert pair.plc.commands == []
    pair.cycle()
    assert pair.plc.commands == [PackCommand.RESET]


def test_a_block_that_comes_again_late_does_not_repeat_its_command() -> None:
    pair = joined()
    pair.pc.offer([RESET, START])
    pair.pc.take(pair.plc.status)
    first = pair.pc.block(True)
    pair.plc.mailbox.receive(first)
    pair.plc.scan()
    for _ in range(3):
        pair.cycle()
    pair.plc.mailbox.receive(first)
    pair.plc.scan()
    assert pair.plc.commands == [PackCommand.RESET, PackCommand.START]


def test_an_unknown_command_is_rejected_and_acknowledged() -> None:
    pair = joined()
    words = pair.pc.block(True)
    words[2:4] = 44, pair.plc.status.cmd_ack + 1
    pair.plc.mailbox.receive(words)
    pair.plc.scan()
    assert pair.plc.commands == []
    assert (pair.plc.status.cmd_ack, pair.plc.status.cmd_result) == (words[3], 1)


# ------------------------------------------------------------ slots


def test_orders_go_out_ten_at_a_time_and_are_taken_in_sequence() -> None:
    pair = joined()
    pair.pc.offer([order(pid) for pid in range(25)])
    sizes = []
    for _ in range(4):
        pair.cycle()
        sizes.append(len(pair.plc.taken))
    assert sizes == [10, 20, 25, 25]
    assert [o.pid for o in pair.plc.taken] == list(range(25))


def test_the_head_of_the_sequence_is_the_last_number_offered() -> None:
    pair = joined()
    pair.pc.offer([order(pid) for pid in range(13)])
    assert [pair.cycle().assign_head for _ in range(4)] == [10, 13, 13, 13]


def test_slots_are_taken_wherever_they_stand_in_the_block() -> None:
    pair = joined()
    pair.pc.offer([order(pid) for pid in range(10)])
    pair.pc.take(pair.plc.status)
    words = pair.pc.block(True)
    slots = [words[9 + 8 * n : 17 + 8 * n] for n in range(10)]
    words[9:89] = [word for slot in reversed(slots) for word in slot]
    pair.plc.mailbox.receive(words)
    pair.plc.scan()
    assert [o.pid for o in pair.plc.taken] == list(range(10))


def test_a_slot_with_a_wrong_check_is_not_taken_and_shows_for_two_seconds() -> None:
    pair = joined()
    pair.pc.offer([order(1)])
    pair.pc.take(pair.plc.status)
    words = pair.pc.block(True)
    words[12] ^= 4
    pair.plc.mailbox.receive(words)
    pair.plc.scan()
    assert (pair.plc.taken, pair.plc.status.diag >> 7 & 1) == ([], 1)
    pair.plc.scan(1990)
    assert pair.plc.status.diag >> 7 & 1
    pair.plc.scan(10)
    assert not pair.plc.status.diag >> 7 & 1


# ------------------------------------------------------------ ring and counts


def test_an_acknowledgement_outside_tail_to_head_is_ignored() -> None:
    ring = EventRing(8)
    for pid in range(4):
        ring.push(inducted(pid))
    for tail in (5, 0xFFFF, 4, 2):
        ring.acknowledge(tail)
    assert (ring.tail, ring.head) == (4, 4)


def test_parcels_are_counted_where_they_left_and_lost_ones_are_not() -> None:
    plc = TinyPlc(LINE)
    plc.events = [Left(0, 1, Result.OK, 2, 0), Left(0, 2, Result.LOST, 2, 0), Left(0, 3, Result.OK, 65535, 0)]
    plc.scan()
    assert plc.mailbox.parcel_words[:4] == [0, 0, 1, 0]


def test_chutes_that_cannot_be_reached_are_told_when_the_map_changes_and_by_every_new_mailbox() -> None:
    pair = joined()
    maps = (0b1001, 0b1001, 0b0011, 0)
    told = [pair.pc.take(pair.plc.status._replace(chute_fault=one)) for one in maps]
    said = [
        [(event.chute, event.broken) for event in events if isinstance(event, ChuteBroken)] for events in told
    ]
    assert said == [[(0, True), (3, True)], [], [(1, True), (3, False)], [(0, False), (1, False)]]
    other, status = PcMailbox(500), pair.plc.status._replace(chute_fault=0b1000)
    other.connect(status)
    assert ChuteBroken(status.t_ms * 1000, 3, True) in other.take(status)
