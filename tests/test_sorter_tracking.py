from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorter.tracking import Tracker

EYES = (0, 8000, 10400, 12800)
WINDOW = 200


def belt(*places: int, length: int = 600) -> Tracker:
    tracker = Tracker(EYES, WINDOW)
    for pid, place in enumerate(places, start=1):
        tracker.induct(pid, place, length)
    return tracker


def test_a_sighting_within_the_window_is_the_expected_object_and_moves_its_place() -> None:
    tracker = belt(0, 2000)
    seen = tracker.seen(1, 8000 + 2000 + 150, 600)
    assert (seen.track.pid, seen.track.place, seen.merged) == (2, 2150, ())


def test_a_sighting_outside_every_window_is_an_unknown_object() -> None:
    tracker = belt(0, 2000)
    assert tracker.seen(1, 8000 + 1000, 300).track.pid == 0
    assert [track.pid for track in tracker.tracks] == [1, 0, 2]


def test_between_close_neighbours_the_nearer_one_is_seen_though_both_are_within_the_widest_window() -> None:
    # 250 counts apart: each may be off by 124. 140 from the first is 110 from the second.
    assert belt(0, 250, length=50).seen(1, 8000 + 140, 50).track.pid == 2


def test_an_object_is_not_taken_for_one_that_has_passed_this_eye_already() -> None:
    tracker = belt(0)
    tracker.seen(1, 8000, 600)
    assert tracker.seen(1, 8000 + 100, 100).track.pid == 0


def test_an_object_over_two_centres_is_a_merger() -> None:
    tracker = belt(0, 1000, 4000)
    seen = tracker.seen(1, 8000 + 500, 1700)
    assert (seen.track.pid, [track.pid for track in seen.merged]) == (1, [2])
    assert [track.pid for track in tracker.tracks] == [1, 3]


def test_two_eyes_in_a_row_must_miss_an_object_before_it_is_lost() -> None:
    tracker = belt(0)
    track = tracker.tracks[0]
    assert not tracker.passed_unseen(track)
    assert tracker.passed_unseen(track)


def test_an_object_seen_again_after_a_miss_counts_from_anew() -> None:
    tracker = belt(0)
    track = tracker.tracks[0]
    tracker.passed_unseen(track)
    assert tracker.seen(2, 10400, 600).track is track
    assert not track.missed


def test_the_last_eye_gives_no_second_chance() -> None:
    tracker = belt(0)
    track = tracker.tracks[0]
    tracker.seen(2, 10400, 600)
    assert tracker.passed_unseen(track)


places = st.lists(st.integers(100, 3000), min_size=1, max_size=12).map(
    lambda gaps: [sum(gaps[: n + 1]) for n in range(len(gaps))]
)


@given(places, st.integers(-500, 40_000))
def test_no_place_lies_in_two_windows(rows: list[int], place: int) -> None:
    tracker = belt(*rows, length=50)
    rows = [track.place for track in tracker.tracks]
    assert sum(abs(row - place) <= tracker.window(index) for index, row in enumerate(rows)) <= 1


@given(places, st.data())
def test_objects_within_their_windows_are_all_told_apart(rows: list[int], data: st.DataObject) -> None:
    tracker = belt(*(3 * row for row in rows), length=50)
    for eye in (1, 2, 3):
        windows = [tracker.window(index) for index in range(len(rows))]
        for pid, window in enumerate(windows, start=1):
            old = next(track.place for track in tracker.tracks if track.pid == pid)
            # Objects 300 apart and 50 long that drift by a sixth of their windows three times never touch.
            drift = data.draw(st.integers(-(window // 6), window // 6))
            assert tracker.seen(eye, EYES[eye] + old + drift, 50).track.pid == pid


def test_two_objects_may_have_the_same_place_for_a_while() -> None:
    tracker = belt(0, 0, 2000)
    first, second, _ = tracker.tracks
    assert [tracker.index(first), tracker.index(second)] == [0, 1]
    tracker.remove(second)
    assert [track.pid for track in tracker.tracks] == [1, 3]


def doubting(*objects: tuple[int, int]) -> Tracker:
    """Objects of (place, length), compared by length, too."""
    tracker = Tracker(EYES, WINDOW, tolerance=80)
    for pid, (place, length) in enumerate(objects, start=1):
        tracker.induct(pid, place, length)
    return tracker


def seen(tracker: Tracker, *passings: tuple[int, int]) -> list[tuple[int, bool]]:
    """(object, doubtful) for what eye 1 sees at (place, length)."""
    sightings = [tracker.seen(1, 8000 + place, length) for place, length in passings]
    return [(sighting.track.pid, sighting.doubtful) for sighting in sightings]


def test_a_late_object_that_comes_when_its_successor_is_due_is_doubted_and_so_is_who_follows() -> None:
    tracker = doubting((0, 600), (1500, 300), (3000, 1000))
    # The belt has slipped by 1500: the first comes as the second, the second as the third.
    assert seen(tracker, (1500, 600), (3000, 300)) == [(2, True), (3, True)]
    assert tracker.slips


def test_the_successor_of_one_that_an_eye_missed_is_believed_when_its_length_says_so() -> None:
    tracker = doubting((0, 600), (1500, 300))
    assert seen(tracker, (1500, 320)) == [(2, False)] and not tracker.slips


def test_like_successors_of_a_missed_one_are_believed_again_when_three_come_in_time() -> None:
    tracker = doubting(*((1500 * number, 600) for number in range(5)))
    told = seen(tracker, *((1500 * number + 10, 600) for number in range(1, 5)))
    assert told == [(2, True), (3, True), (4, False), (5, False)]


def test_one_that_would_have_stood_still_all_the_way_from_the_eye_before_is_owed_no_more() -> None:
    # Eye 1 lies 8000 behind eye 0: who is later than that has not slipped.
    tracker = doubting((0, 600), (1500, 600), (12_000, 600), (13_500, 600))
    assert seen(tracker, (1500, 600)) == [(2, True)]
    assert seen(tracker, (12_000, 600), (13_500, 600)) == [(3, False), (4, False)]


def test_an_object_that_a_diverter_was_turned_for_is_not_owed_behind_it() -> None:
    tracker = doubting((0, 600), (1500, 600))
    tracker.tracks[0].leaving = True
    assert seen(tracker, (1500, 600)) == [(2, False)]
