"""Mistakes about places and site codes planted in the default hub: each is found with a remedy."""

from __future__ import annotations

import pytest

from sorter.app.config import hub_from_files
from sorter.errors import ConfigError
from sorter.network import Place
from tests.linzi import edited, texts

# what is added below `particulars`: column, word of the mistake, word of the remedy
FORM = """
370305104: {alias: [朱台]} | 15 | unknown key 'alias' | 'aliases'
370305103: {operator: 高新区, operator_from: soon} | 45 | not a day | year-month-day
"""
MEANING = """
370305999: {former: [某镇]} | 3 | place 370305999 is not in this file | did you mean
370305104: {former: [南王镇]} | 24 | town name 南王镇 is already used | its own
370305103: {aliases: [凤凰镇]} | 25 | town name 凤凰镇 is already used | its own
370305104201: {from: 2024-01-02, to: 2024-01-01} | 40 | before it begins | correct
370305104202: {operator_from: 2024-01-01} | 18 | no operator | name the operator
"""
STATIONS = """
S1: {name: 东召驿站, kind: station, village: 370305109999} | 44 | village 370305109999 is not | did you mean
370305109: {name: 东召驿站, kind: locker, village: 370305109224} | 3 | code 370305109 is already | its own
"""
SITES = """
A-1: 999 | 10 | place 999 is not in network.yaml | code
a 1: 370305104 | 5 | 'a 1' is the same as 'A-1' | keep one
A*1: 370305104 | 5 | not a site code | only at the end
"""


def problems(files: dict[str, str]) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        hub_from_files(files, "linzi")
    return [(problem.where, problem.what, problem.remedy) for problem in caught.value.problems]


def planted(table: str) -> list[list[str]]:
    return [row.split(" | ") for row in table.strip().splitlines()]


@pytest.mark.parametrize(
    ("file", "before", "table"),
    [
        ("network", texts()["network.yaml"], FORM),
        ("network", texts()["network.yaml"], MEANING),
        ("network", texts()["network.yaml"] + "stations:\n", STATIONS),
        ("sites", "sites:\n  jt:\n", SITES),
    ],
)
def test_mistakes_about_places_are_all_told_with_place_and_remedy(file: str, before: str, table: str) -> None:
    rows = planted(table)
    indent = "    " if file == "sites" else "  "
    text = before + "".join(f"{indent}{row[0]}\n" for row in rows)
    found = problems({**texts(), f"{file}.yaml": text})
    first = before.count("\n") + 1
    wanted = [f"linzi/{file}.yaml:{first + n}:{row[1]}" for n, row in enumerate(rows)]
    assert [where for where, _, _ in found] == wanted
    for (_, what, remedy), row in zip(found, rows, strict=True):
        assert row[2] in what
        assert row[3] in remedy


def test_a_site_code_belongs_to_a_courier_that_is_known() -> None:
    [(where, what, _)] = problems({**texts(), "sites.yaml": "sites:\n  sot: {A-1: 370305104}\n"})
    assert (where, what) == ("linzi/sites.yaml:2:3", "unknown courier 'sot'")


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


def test_a_network_knows_stations_other_operators_and_the_days_of_a_village() -> None:
    about = "370305104201: {operator: 高新区, operator_from: 2024-07-01, to: 2025-12-31}"
    files = edited("network.yaml", "particulars:\n", f"particulars:\n  {about}\n")
    files["network.yaml"] += "stations:\n  S1: {name: 东召驿站, kind: locker, village: 370305109224}\n"
    network = hub_from_files(files, "linzi").network
    assert network.find("S1") == Place("S1", "东召驿站", "locker", "370305109")
    assert network.village_of("S1") == "370305109224"
    days = ("2024-06-30", "2024-07-01", "2025-12-31", "2026-01-01")
    assert [network.operator("370305104201", day) for day in days] == ["", "高新区", "高新区", "高新区"]
    assert [network.in_force("370305104201", day) for day in days] == [True, True, True, False]
