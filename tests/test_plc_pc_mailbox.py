from __future__ import annotations

from plc.blocks import EMPTY
from plc.registers import HOLD_INFEED, CommandBlock
from sorter.flow import EventsLost, Inducted, PackCommand, PackState, Rebooted, StateChanged
from tests.pairs import CLEAR, LINE, RESET, START, Pair, inducted, joined, order, pids
from tests.tiny_plc import TinyPlc


def test_what_was_commanded_before_an_outage_is_forgotten() -> None:
    pair = Pair()
    pair.pc.offer([START])
    pair.pc.connect(pair.plc.status)
    for _ in range(5):
        pair.cycle()
    assert pair.plc.commands == []


def test_while_the_safety_chain_is_open_no_order_and_no_motion_goes_out_but_clear_and_events_do() -> None:
    pair = joined()
    pair.plc.safe = False
    pair.plc.scan()
    pair.cycle()
    pair.pc.offer([order(1), START, CLEAR])
    pair.plc.events = [inducted(5)]
    for _ in range(4):
        pair.cycle()
    assert (pair.plc.commands, pair.plc.taken, pair.pc.refused) == ([PackCommand.CLEAR], [], 1)
    assert pair.plc.status.ev_tail_echo == pair.plc.status.ev_head
    pair.plc.safe = True
    for _ in range(4):
        pair.cycle()
    assert (pair.plc.commands, pair.plc.taken) == ([PackCommand.CLEAR], [order(1)])


def test_a_full_queue_refuses_the_newest_order() -> None:
    pair = joined()
    pair.pc.offer([order(pid) for pid in range(1030)])
    assert pair.pc.refused == 6
    for _ in range(110):
        pair.cycle()
    assert [o.pid for o in pair.plc.taken] == list(range(1024))


# ------------------------------------------------------------ events


def test_events_are_acknowledged_only_when_stored() -> None:
    pair = joined()
    pair.plc.events = [inducted(1), inducted(2)]
    pair.plc.scan()
    tail = pair.plc.status.ev_tail_echo
    for _ in range(3):
        pair.cycle(stored=False)
    assert pair.plc.status.ev_tail_echo == tail
    pair.cycle(stored=True)
    assert pair.plc.status.ev_tail_echo == tail + 2
    assert pids(pair.events) == [1, 2]


def test_a_full_ring_drops_the_newest_counts_it_and_the_pc_learns_it_at_its_place() -> None:
    pair = joined()
    start = pair.plc.status.ev_head
    pair.plc.events = [inducted(pid) for pid in range(LINE.ring_depth + 5)]
    pair.plc.scan()
    assert (pair.plc.mailbox.ring_high, pair.plc.status.ev_lost) == (True, 5)
    assert pair.plc.status.ev_head == start + LINE.ring_depth
    assert pair.plc.status.diag >> 5 & 1
    pair.cycle()
    pair.plc.events = [inducted(9999)]
    for _ in range(LINE.ring_depth // 8 + 1):
        pair.cycle()
    pair.cycle()
    kinds = [event for event in pair.events if isinstance(event, Inducted | EventsLost)]
    assert [event.pid for event in kinds if isinstance(event, Inducted)][-2:] == [LINE.ring_depth - 1, 9999]
    lost = [place for place, event in enumerate(kinds) if isinstance(event, EventsLost)]
    assert [kinds[place] for place in lost] == [EventsLost(kinds[lost[0]].at_us, 5, pair.plc.status.state)]
    assert lost[0] >= LINE.ring_depth


def test_events_that_another_master_took_are_lost_to_us() -> None:
    pair = joined()
    pair.plc.events = [inducted(1), inducted(2), inducted(3)]
    pair.plc.scan()
    status = pair.plc.status
    taken = pair.pc.take(status._replace(window=(*status.window[2:], EMPTY, EMPTY)))
    assert taken == [EventsLost(status.t_ms * 1000, 2, status.state), inducted(3)]


def test_an_event_that_this_map_does_not_know_is_lost_and_the_next_is_not() -> None:
    pair = joined()
    pair.plc.events = [inducted(1), inducted(2)]
    pair.plc.scan()
    status = pair.plc.status
    strange = (status.window[0][0], 99 << 8, *status.window[0][2:])
    window = (strange, *status.window[1:])
    taken = pair.pc.take(status._replace(window=window))
    assert [type(event) for event in taken] == [EventsLost, Inducted]


# ------------------------------------------------------------ boots and restarts


def test_after_a_plc_boot_the_pc_takes_a_new_session_and_resends_nothing() -> None:
    pair = joined()
    pair.pc.offer([order(1), RESET])
    pair.plc = TinyPlc(LINE, boot_id=2)
    pair.plc.scan()
    pair.pc.connect(pair.plc.status)
    pair.plc.events = [StateChanged(0, PackState.STOPPED)]
    for _ in range(5):
        pair.cycle()
    assert Rebooted(10_000, 2) in pair.events
    assert (pair.pc.session, pair.plc.status.session_echo) == (78, 78)
    assert (pair.plc.taken, pair.plc.commands) == ([], [])
    pair.pc.offer([order(2)])
    pair.cycle()
    assert pair.plc.taken == [order(2)]


def test_a_restarted_pc_goes_on_where_the_plc_is() -> None:
    pair = joined()
    pair.pc.offer([order(1), RESET])
    pair.plc.events = [inducted(1), inducted(2)]
    for _ in range(3):
        pair.cycle(stored=False)
    again = Pair(session=300, plc=pair.plc)
    again.pc.offer([order(2)])
    for _ in range(5):
        again.cycle()
    # What the first PC had seen and not stored comes again, also the verdict on its order.
    assert pids(again.events) == [1, 1, 2, 2]
    assert [o.pid for o in pair.plc.taken] == [1, 2]
    assert pair.plc.commands == [PackCommand.RESET]


def test_a_new_pc_is_told_what_the_plc_ever_lost() -> None:
    plc = TinyPlc(LINE)
    plc.events = [inducted(pid) for pid in range(LINE.ring_depth + 3)]
    pair = Pair(plc=plc)
    for _ in range(LINE.ring_depth // 8 + 2):
        pair.cycle()
    # Three inductions and the word that this PC was adopted.
    assert [event.count for event in pair.events if isinstance(event, EventsLost)] == [4]


def test_more_is_true_while_events_wait_beyond_the_window() -> None:
    pair = joined()
    pair.plc.events = [inducted(pid) for pid in range(17)]
    pair.plc.scan()
    shown = []
    for _ in range(4):
        pair.cycle()
        shown.append((len(pids(pair.events)), pair.pc.more))
    assert shown == [(8, True), (16, True), (17, False), (17, False)]


def test_the_infeed_is_held_while_the_disk_is_late() -> None:
    pair = joined()
    words = [CommandBlock.unpack(pair.pc.block(stored)) for stored in (True, False, True)]
    assert [bool(block.pc_status & HOLD_INFEED) for block in words] == [False, True, False]
