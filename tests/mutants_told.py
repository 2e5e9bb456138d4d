"""Mistakes in store, journal and plan, and those of `mutants.py` that a single test tells.

The torture's world has no database and one plan; a defence that another one covers is tried alone here.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

from tests.mutants import Mutant

_STORE, _SEG, _PLAN = "sorter.app.store:Store.", "sorter.app.segments:", "sorter.plan:"
_BOARD, _CHOICE, _STORY = "sorter.planning:PlanBoard.", "sorter.waybill:", "sorter.app.story:_History."

MORE = (
    Mutant("takes in every record again", _STORE + "_position",
           "None if found and gone and found.segment <= gone else found", "None"),
    Mutant("stops at the first batch", _STORE + "_take_batch", "len(new) == BATCH", "False"),
    Mutant("finds every other waybill", _STORE + "parcels", "waybill = ?", "waybill != ?"),
    Mutant("shows what was sorted as exceptions", _STORE + "exceptions", "outcome != ?", "outcome = ?"),
    Mutant("counts no outcome", _STORE + "counts",
           " | {Outcome(text): number for text, number in rows}", ""),
    Mutant("tells of another parcel of this number", _STORE + "of_pid", "left_us = ?", "left_us != ?"),
    Mutant("begins the story too late", _STORE + "before", "left_us < ?", "left_us > ?"),
    Mutant("shows the oldest first", _STORE + "parcels", "_NEWEST_FIRST", "' ORDER BY rowid LIMIT ?'"),
    Mutant("keeps no plan", _STORE + "_take_batch", "self._db.executemany(INSERT_PLAN, plans)", "pass"),
    Mutant("believes a segment of the future", _SEG + "_header", "header.version > FORMAT", "False"),
    Mutant("does not look at the chain", _SEG + "records", "chain not in (None, header.chain)", "False"),
    Mutant("misses no segment", _SEG + "segment_paths", "!= segment_number(before) + 1", "< 0"),
    Mutant("takes damage for a torn tail", _SEG + "_check_end",
           "not (version and torn(data, at, version))", "False"),
    Mutant("believes any position", _SEG + "_behind", "record.crc != after.crc", "False"),
    Mutant("lets the last rule win", _PLAN + "Plan.ruling", "(left & -left).bit_length()",
           "left.bit_length()"),
    Mutant("sends on what is held", _PLAN + "decide", "if held and choice.waybill:", "if False:"),
    Mutant("believes another courier's manifest", _PLAN + "decide", "advised.courier != choice.courier",
           "False"),
    Mutant("serves every place", _PLAN + "decide", "not network.serves(advised.place, around.on_date)",
           "False"),
    Mutant("has a chute for every exception", _PLAN + "Plan.exception_chute", "get(why, REJECT)",
           "get(why, 7)"),
    Mutant("routes what was not read for certain", _PLAN + "decide", "choice.why is not Why.ROUTED", "False"),
    Mutant("takes a plan of another line", _BOARD + "_ordered", ">= self._chutes", ">= 1 << 16"),
    Mutant("waits for no wave", _BOARD + "_ordered", "if event.wave and event.wave != self.wave:",
           "if False:"),
    Mutant("keeps no earlier plan", _BOARD + "_in_force",
           "self._earlier = [*self._earlier, self.plan][-MOST_EARLIER:]", "pass"),
    Mutant("keeps every earlier plan", _BOARD + "_in_force", "[-MOST_EARLIER:]", ""),
    Mutant("takes no awaited plan back", _BOARD + "_rolled_back", "if awaited:", "if False:"),
    Mutant("does not say that the journal failed", "sorter.app.runner:Runner._mend_journal",
           'self._watch(Notice(now_us, "journal-failed", failure))', "pass"),
    Mutant("names a parcel as the one before itself", _STORE + "again_of", "byte) < (", "byte) <= ("),
    Mutant("names the first of a waybill for ever", _STORE + "again_of", "_NEWEST_FIRST",
           "' ORDER BY rowid LIMIT ?'"),
    Mutant("calls parcels without a waybill alike", _STORE + "again_of", "if not waybill:", "if False:"),
    Mutant("links in the words what has no waybill", _STORY + "_wanted", " if own else None", ""),
    Mutant("names the first of a waybill in words for ever", _STORY + "parcels",
           "self._recorded[value.waybill] = value", "self._recorded.setdefault(value.waybill, value)"),
)  # fmt: skip

PROBE = "mutants_told:the_store_tells_what_the_journal_holds"
_BOX, _PC, _TROUBLE = "test_plc_mailbox:test_", "test_plc_pc_mailbox:test_", "test_plc_program_trouble:test_"
_RIVAL, _LOST = "test_plc_rival:test_", "test_plc_lost_counts:test_"
_RARE, _TRACKED = "test_plc_program_rare:test_", "test_sorter_tracking:test_"
_RULED, _PLANNED, _CUT = "test_sorter_plan:test_", "test_sorter_planning:test_", "test_app_segments:test_"

TOLD = {
    **dict.fromkeys([mutant.name for mutant in MORE[:9]], PROBE),
    "believes a segment of the future": _CUT + "a_newer_format_is_refused_with_the_remedy",
    "does not look at the chain": _CUT + "a_missing_or_exchanged_segment_is_noticed",
    "misses no segment": _CUT + "a_missing_or_exchanged_segment_is_noticed",
    "takes damage for a torn tail":
        _CUT + "a_bad_record_before_good_ones_stops_the_writer_and_changes_nothing",
    "believes any position": _CUT + "a_position_of_another_journal_is_stale",
    "lets the last rule win": "mutants_told:the_first_rule_wins",
    "sends on what is held": _RULED + "an_intercepted_waybill_of_an_unclear_courier_is_still_intercepted",
    "believes another courier's manifest":
        _RULED + "a_manifest_of_another_courier_than_the_label_makes_the_courier_ambiguous",
    "serves every place": "mutants_told:a_place_of_nobody_is_an_exception",
    "has a chute for every exception":
        _RULED + "an_exception_that_the_plan_names_no_chute_for_rides_to_the_end",
    "routes what was not read for certain":
        _RULED + "a_parcel_without_a_certain_waybill_keeps_that_reason_and_rides_to_the_end",
    "takes a plan of another line":
        _PLANNED + "a_plan_that_names_a_chute_of_another_line_is_refused_and_the_old_one_stays",
    "waits for no wave": _PLANNED + "a_plan_for_a_wave_waits_for_it_and_may_be_taken_back_until_then",
    "keeps no earlier plan":
        _PLANNED + "an_ordered_plan_is_in_force_at_once_and_rolled_back_to_the_one_before",
    "keeps every earlier plan": _PLANNED + "so_many_plans_can_be_returned_to_and_no_more",
    "takes no awaited plan back":
        _PLANNED + "a_plan_for_a_wave_waits_for_it_and_may_be_taken_back_until_then",
    **dict.fromkeys([mutant.name for mutant in MORE[-5:-2]],
                    "test_app_store:test_"
                    "a_record_names_the_one_before_it_of_its_waybill_whatever_ended_between"),
    MORE[-2].name: "test_app_story:test_no_waybill_is_no_link",
    MORE[-1].name:
        "test_app_story:"
        "test_a_parcel_names_the_one_before_it_of_its_waybill_and_the_first_names_none",
    # of mutants.py: another defence covers them in the torture's world
    "keeps a start through an e-stop":
        _PC + "while_the_safety_chain_is_open_no_order_and_no_motion_goes_out_but_clear_and_events_do",
    "hides lost events": _PC + "a_new_pc_is_told_what_the_plc_ever_lost",
    "keeps the infeed open on a late disk": _PC + "the_infeed_is_held_while_the_disk_is_late",
    "drops events silently": _PC + "a_new_pc_is_told_what_the_plc_ever_lost",
    "carries out a command again and again":
        _BOX + "a_block_that_comes_again_late_does_not_repeat_its_command",
    "takes orders out of sequence": _BOX + "slots_are_taken_wherever_they_stand_in_the_block",
    "obeys blocks for another boot":
        _BOX + "blocks_that_are_torn_or_speak_to_another_boot_or_map_or_have_no_session_are_ignored",
    "diverts close neighbours": _TROUBLE + "neighbours_with_almost_no_gap_are_both_left_on_the_belt",
    "fires for close parcels": _TROUBLE + "neighbours_too_close_for_one_diverter_are_both_left_on_the_belt",
    "starts in an e-stop": "test_plc_safety_chain:test_clear_is_refused_by_the_plc_while_its_chain_is_open",
    "fills full chutes":
        "test_plc_program:test_a_full_chute_sends_to_the_alternate_downstream_and_else_to_the_end",
    "no re-basing":
        _TRACKED + "a_sighting_within_the_window_is_the_expected_object_and_moves_its_place",
    "tells results twice": _TROUBLE + "an_object_longer_than_any_parcel_is_two_that_touch",
    "calls everything sorted":
        "test_plc_ways_out:test_a_diverter_that_stands_turned_holds_the_line_after_two_parcels_and_their_records"
        "_say_so",
    "ignores what is full": "test_sorter_chutes:test_a_full_or_locked_chute_is_passed_over",
    "decides after the deadline":
        "test_sorter_controller:test_a_decision_after_the_decision_position_sends_no_command",
    **dict.fromkeys(
        ("turns wheels back by counts alone", "sorts on by lost counts"),
        _LOST + "an_encoder_that_stands_for_any_while_throws_no_parcel_the_way_of_the_one_before"),
    "knows by lost counts who was swept":
        _LOST + "what_falls_once_the_counts_are_lost_is_nobodys_whatever_they_show_there",
    "takes full speed for granted while something falls":
        _TROUBLE + "what_falls_after_a_stop_is_nobody_who_had_passed_that_diverter_before_it",
    "turns wheels where hands may be":
        _RARE + "no_wheel_begins_to_turn_on_a_belt_that_stands_and_it_does_when_the_belt_is_driven_again",
    "leaves a wheel that waited for the belt":
        _RARE + "no_wheel_begins_to_turn_on_a_belt_that_stands_and_it_does_when_the_belt_is_driven_again",
    "fires by counts alone": _LOST + "no_wheel_turns_when_it_would_meet_its_parcel_half_turned",
    "forgets a wheel that was turned when the belt stopped":
        _LOST + "a_wheel_that_was_turned_as_the_belt_was_held_is_watched_when_it_goes_on",
    "never suspends":
        _TROUBLE + "a_lost_pc_stops_the_infeed_and_parcels_with_a_chute_are_still_sorted",
    "arms what must ride to the end":
        _RARE + "a_parcel_that_must_ride_to_the_end_says_why_whatever_else_is_in_its_way",
    "opens the infeed while its ring is full":
        _RARE + "the_infeed_is_closed_while_the_event_ring_is_nearly_full_and_the_belt_runs_on",
    "opens the infeed without a PC":
        _RARE + "the_infeed_is_closed_without_a_pc_even_in_the_scan_in_which_the_line_starts",
    **dict.fromkeys(
        ("windows overlap", "one window for all"),
        _TRACKED
        + "between_close_neighbours_the_nearer_one_is_seen_though_both_are_within_the_widest_window"),
    "keeps pictures over a boot":
        "test_sorter_controller:"
        "test_after_a_boot_a_picture_without_an_answer_keeps_none_from_its_successor_of_that_number",
    "sees while the counts are lost":
        "test_sorter_controller:test_once_counts_are_lost_no_picture_decides_until_the_belt_was_cleared",
    "unclear means the first town":
        _RULED + "advice_without_a_clear_place_is_an_ambiguous_address_though_a_rule_takes_everything",
    "sends again where the machine refused":
        "test_sorter_chutes:"
        "test_a_chute_that_the_machine_refuses_without_a_word_is_out_of_service_until_it_is_unlocked",
    "hides what is broken":
        _BOX + "chutes_that_cannot_be_reached_are_told_when_the_map_changes_and_by_every_new_mailbox",
    "takes a line that another controller holds":
        _RIVAL + "another_controller_whose_heartbeat_moves_holds_the_line",
    "waits for the dead for ever":
        _RIVAL
        + "the_last_block_of_a_dead_controller_is_no_life_and_its_session_is_free_after_the_timeout",
    "throws unsent orders away":
        "test_app_runner:test_orders_and_acknowledgement_wait_for_a_late_disk_and_the_heartbeat_does_not",
    "slips without a word":
        "test_plc_ways_out:test_a_belt_that_slips_by_a_whole_pitch_makes_no_parcel_another",
    "does not say that the journal failed":
        "test_app_runner:test_a_failing_disk_is_said_and_tried_again_every_two_seconds",
    "loses the effects of a crash":
        "test_app_stage:test_effects_that_a_crash_kept_from_the_disk_are_written_by_the_next_start",
}  # fmt: skip
"""Name of a mutant -> the test (or the probe below) that fails with it."""


def try_out(where: str, folder: Path) -> None:
    """Run a test by name; it raises when the product is wrong."""
    module, name = where.split(":")
    test: Any = getattr(importlib.import_module(f"tests.{module}"), name)
    wanted = inspect.signature(test).parameters
    test(**({"tmp_path": folder} if "tmp_path" in wanted else {}))


def the_store_tells_what_the_journal_holds(tmp_path: Path) -> None:
    """Every question that the store answers, asked once."""
    from sorter.app import store as module
    from sorter.flow import Outcome
    from tests.journals_made import record, write
    from tests.test_sorter_planning import NOW

    batch, module.BATCH = module.BATCH, 2
    try:
        parcels = [record(1), record(2, "YT1", Outcome.NO_ROUTE), record(3), record(4), record(5)]
        write(tmp_path / "journal", [*parcels, NOW])
        with module.Store(tmp_path / "store.sqlite") as store:
            assert store.catch_up(tmp_path / "journal") == len(parcels)
            assert store.catch_up(tmp_path / "journal") == 0
            assert store.parcels() == parcels[::-1]
            assert store.parcels("YT1") == store.exceptions() == [parcels[1]]
            assert store.counts()[Outcome.SORTED] == 4
            assert store.of_pid(3, parcels[2].left_us) == [parcels[2]]
            assert store.of_pid(3, 1) == []
            before = store.before(parcels[2].left_us)
            assert before is not None and store.has(before, parcels[1])
            assert len(store.plans()) == 1
    finally:
        module.BATCH = batch


def the_first_rule_wins() -> None:
    """Of two rules that match, the first one."""
    from dataclasses import replace

    from tests.test_sorter_plan import ANY, PLAN, ruled

    rules = (replace(ANY, id="one", chutes=(1,)), replace(ANY, id="two", chutes=(2,)))
    assert ruled(plan=replace(PLAN, rules=rules)).chutes == (1,)


def a_place_of_nobody_is_an_exception() -> None:
    """A place outside the network has no chute, whatever a rule for everything says."""
    from dataclasses import replace

    from sorter.flow import Why
    from tests.test_sorter_plan import ADVISED, ANY, PLAN, ruled

    everything = replace(PLAN, rules=(ANY,))
    assert ruled(advised=replace(ADVISED, place="nowhere"), plan=everything).why is Why.NO_RULE
