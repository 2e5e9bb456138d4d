"""Mistakes about places and site codes planted in the default hub: each is found with a remedy."""

from __future__ import annotations

import pytest

from sorter.app.config import hub_from_files
from sorter.errors import ConfigError
from sorter.network import Particulars
from tests.linzi import edited, texts

LINE = texts()["network.yaml"].count("\n") + 1
SITES = "sites:\n  jt:\n    A-1: 370305109\n"

# what is added to network.yaml: place, word of the mistake, word of the remedy
NETWORK = """
370305999: {former: [某镇]} | 1:3 | place 370305999 is not in this file | did you mean
370305104: {former: [南王镇]} | 1:24 | town name 南王镇 is already used | its own
370305104: {aliases: [凤凰镇]} | 1:25 | town name 凤凰镇 is already used | its own
370305104: {alias: [朱台]} | 1:15 | unknown key 'alias' | 'aliases'
370305104201: {from: 2024-01-02, to: 2024-01-01} | 1:40 | before it begins | correct
370305104201: {operator_from: 2024-01-01} | 1:18 | no operator | name the operator
370305104201: {operator: 高新区, operator_from: soon} | 1:48 | not a day | year-month-day
"""


def problems(files: dict[str, str]) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        hub_from_files(files, "linzi")
    return [(problem.where, problem.what, problem.remedy) for problem in caught.value.problems]


@pytest.mark.parametrize("row", NETWORK.strip().splitlines())
def test_a_mistake_about_a_place_is_found(row: str) -> None:
    added, place, what, remedy = row.split(" | ")
    files = {**texts(), "network.yaml": texts()["network.yaml"] + f"  {added}\n"}
    [(where, said, advised)] = problems(files)
    assert where == f"linzi/network.yaml:{LINE}:{place.partition(':')[2]}"
    assert what in said
    assert remedy in advised


@pytest.mark.parametrize(
    ("station", "column", "what"),
    [
        ("S1: {name: 东召驿站, kind: station, village: 370305109999}", 44, "village 370305109999 is not"),
        ("S1: {name: 东召驿站, kind: shop, village: 370305109224}", 26, "'shop' is not known"),
        ("370305109: {name: 东召驿站, kind: locker, village: 370305109224}", 3, "code 370305109 is already"),
    ],
)
def test_a_mistake_about_a_station_is_found(station: str, column: int, what: str) -> None:
    text = texts()["network.yaml"] + f"stations:\n  {station}\n"
    [(where, said, _)] = problems({**texts(), "network.yaml": text})
    assert where == f"linzi/network.yaml:{LINE + 1}:{column}"
    assert what in said


@pytest.mark.parametrize(
    ("added", "place", "what", "remedy"),
    [
        ("    A-2: 999\n", "4:10", "place 999 is not in network.yaml", "code"),
        ("    a 1: 370305104\n", "4:5", "'a 1' is the same as 'A-1'", "keep one"),
        ("    A*1: 370305104\n", "4:5", "not a site code", "only at the end"),
        ("  sot: {A-1: 370305104}\n", "4:3", "unknown courier 'sot'", "sto"),
    ],
)
def test_a_mistake_about_a_site_code_is_found(added: str, place: str, what: str, remedy: str) -> None:
    [(where, said, advised)] = problems({**texts(), "sites.yaml": SITES + added})
    assert where == f"linzi/sites.yaml:{place}"
    assert what in said
    assert remedy in advised


def test_a_default_names_a_courier_and_a_town_that_are_known() -> None:
    text = texts()["plan.yaml"] + "defaults: {jt: 凤凰, ups: 凤凰镇}\n"
    found = problems({**texts(), "plan.yaml": text})
    line = text.count("\n")
    assert [where for where, _, _ in found] == [f"linzi/plan.yaml:{line}:16", f"linzi/plan.yaml:{line}:25"]


def test_a_default_makes_another_plan_and_a_hub_without_site_codes_is_whole() -> None:
    hub = hub_from_files({**texts(), "plan.yaml": texts()["plan.yaml"] + "defaults: {jt: 凤凰镇}\n"}, "linzi")
    lean = hub_from_files({file: text for file, text in texts().items() if file != "sites.yaml"}, "linzi")
    assert hub.plan.defaults == {"jt": "370305109"}
    assert hub.plan.version != lean.plan.version
    assert (lean.sites.entries, "sites.yaml" in lean.files) == ((), False)


def test_a_station_lies_in_its_villages_town() -> None:
    added = "stations:\n  S1: {name: 东召驿站, kind: locker, village: 370305109224}\n"
    hub = hub_from_files({**texts(), "network.yaml": texts()["network.yaml"] + added}, "linzi")
    station = hub.network.find("S1")
    assert station and (station.level, station.town) == ("locker", "370305109")
    assert hub.network.village_of("S1") == "370305109224"


def test_a_village_may_be_another_operators_from_a_day_on_and_end_on_a_day() -> None:
    about = "370305104201: {operator: 高新区, operator_from: 2024-07-01, to: 2025-12-31}"
    files = edited("network.yaml", "particulars:\n", f"particulars:\n  {about}\n")
    network = hub_from_files(files, "linzi").network
    assert network.about("370305104201") == Particulars(
        valid_to="2025-12-31", operator="高新区", operator_from="2024-07-01"
    )
    days = ("2024-06-30", "2024-07-01", "2025-12-31", "2026-01-01")
    assert [network.operator("370305104201", day) for day in days] == ["", "高新区", "高新区", "高新区"]
    assert [network.in_force("370305104201", day) for day in days] == [True, True, True, False]
