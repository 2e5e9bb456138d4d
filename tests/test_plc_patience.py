from __future__ import annotations

from plc.patience import Patience

POLL_US = 100_000


def test_the_pause_between_attempts_doubles_to_two_seconds_until_a_scan_is_seen() -> None:
    patience, now_us, pauses = Patience(POLL_US, 0), 0, []
    for _ in range(7):
        patience.failed(now_us)
        # A connection alone does not prove that the PLC is well.
        patience.connected(now_us)
        pause_us = next(us for us in range(100_000, 2_000_001, 100_000) if patience.may_retry(now_us + us))
        assert not patience.may_retry(now_us + pause_us - 1)
        pauses.append(pause_us)
        now_us += pause_us
    assert pauses == [100_000, 200_000, 400_000, 800_000, 1_600_000, 2_000_000, 2_000_000]
    patience.moved(now_us)
    patience.failed(now_us)
    assert patience.may_retry(now_us + 100_000)


def test_a_plc_without_a_new_scan_is_believed_for_three_polls() -> None:
    patience = Patience(POLL_US, 0)
    assert [patience.exhausted(poll * POLL_US) for poll in range(1, 5)] == [False, False, False, True]


def test_polls_in_quick_succession_do_not_wear_patience_out() -> None:
    patience = Patience(POLL_US, 0)
    assert not any(patience.exhausted(us) for us in range(0, 3 * POLL_US, 1_000))
