from __future__ import annotations

import csv
from collections import Counter

from sorter.app.check import check
from sorter.app.config import load_hub
from sorter.flow import Direction, Service, Why
from sorter.plan import Item
from tests.linzi import FOLDER
from tests.shared import shared

HUB = load_hub(FOLDER)
COURIERS = ("jt", "sto", "yunda", "zto", "yto", "sf", "post")
DAY = "2024-06-18"


def keys(item: Item) -> tuple[str, ...]:
    rule = HUB.plan.ruling(item)
    return tuple(HUB.layout.chutes[chute].key for chute in rule.chutes) if rule else ()


def test_the_default_hub_is_clean() -> None:
    report = check(FOLDER)
    assert (report.problems, report.warnings) == ((), ())


def test_the_network_is_the_public_table_of_12_towns_and_468_villages() -> None:
    with shared("data", "linzi_villages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    villages = [place for place in HUB.network.places if place.level == "village"]
    assert {(v.code, v.name, v.town) for v in villages} == {
        (row["village_code"], row["village_name"], row["town_code"]) for row in rows
    }
    assert {(t.code, t.name) for t in HUB.network.towns} == {
        (row["town_code"], row["town_name"]) for row in rows
    }
    assert (len(villages), len(HUB.network.towns)) == (468, 12)


def test_every_villages_parcels_go_to_a_chute_named_after_its_town() -> None:
    for town in HUB.network.towns:
        for village in HUB.network.villages(town.code):
            for courier in COURIERS:
                item = Item(courier, Direction.DOWN, Service.STANDARD, town.code, village.code)
                rule = HUB.plan.ruling(item)
                assert rule
                assert all(HUB.layout.chutes[c].name_zh.startswith(town.name) for c in rule.chutes)


def test_only_fenghuang_and_zhutai_share_their_load_between_two_chutes() -> None:
    shared_load = {rule.id: len(rule.chutes) for rule in HUB.plan.rules if rule.balance}
    assert shared_load == {"fenghuang": 2, "zhutai": 2}
    assert Counter(len(rule.chutes) for rule in HUB.plan.rules) == {1: 20, 2: 2}


def test_service_and_direction_come_before_the_town() -> None:
    town, village = "370305109", "370305109200"
    assert keys(Item("jt", Direction.DOWN, Service.EMERGENCY, town, village)) == ("emergency",)
    assert keys(Item("jt", Direction.DOWN, Service.COLD, town, village)) == ("cold-chain",)
    assert keys(Item("jt", Direction.RETURN, Service.STANDARD, "", "")) == ("returns",)
    for courier in COURIERS:
        assert keys(Item(courier, Direction.UP, Service.STANDARD, "", "")) == (f"up-{courier}",)


def test_exceptions_of_certain_identity_have_their_chutes() -> None:
    named = {why: HUB.layout.chutes[chute].key for why, chute in HUB.plan.exceptions.items()}
    assert named == {Why.INTERCEPTED: "security", Why.NO_ADVICE: "manual", Why.NO_RULE: "manual"}


def test_the_line_has_28_chutes_left_and_right_of_14_diverters_and_two_are_spare() -> None:
    layout = HUB.layout
    assert [(c.id, c.diverter, c.side) for c in layout.chutes] == [
        (2 * k + right, k, 1 if right else -1) for k in range(14) for right in (0, 1)
    ]
    used = {c for rule in HUB.plan.rules for c in rule.chutes} | set(HUB.plan.exceptions.values())
    assert {c.key for c in layout.chutes if c.id not in used} == {"spare-1", "spare-2"}


def test_the_lines_dimensions_are_those_of_the_issue() -> None:
    layout = HUB.layout
    assert (layout.belt.speed_mm_s, layout.infeed.min_gap_mm, layout.diverters[0].switch_us) == (
        1600, 300, 300_000,
    )  # fmt: skip
    assert (layout.infeed.shortest_mm, layout.infeed.longest_mm) == (100, 600)
    assert {
        b.pivot_mm - a.pivot_mm for a, b in zip(layout.diverters, layout.diverters[1:], strict=False)
    } == {1200}
    assert layout.eyes_mm[1] - layout.cameras[0].position_mm == 3000
    # 4000 + 13 * 1200 + 850 is the last pivot.
    assert layout.end_mm == 20_450 + 1200
    assert (layout.cameras[0].across_mm, layout.cameras[0].across_px) == (600, 2448)


def test_each_couriers_format_is_recognised_and_43_with_15_digits_is_ambiguous() -> None:
    numbers = {
        "JT1234567890123": ("jt",), "SF1234567890123": ("sf",), "YT1234567890123": ("yto",),
        "77123456789012": ("sto",), "75123456789012": ("zto",), "78123456789012": ("zto",),
        "312345678901234": ("yunda",), "5123456789012": ("yunda",), "9123456789012": ("post",),
        "EA123456785CN": ("post",), "431234567890123": ("sto", "yunda"), "43123456789012": ("sto",),
        "EA123456784CN": (), "EA123456785GB": (), "621123456789012": (), "JDA112345678901": (),
    }  # fmt: skip
    assert {number: HUB.couriers.matching(number, DAY) for number in numbers} == numbers
    assert {courier.key for courier in HUB.couriers.couriers} == set(COURIERS)
