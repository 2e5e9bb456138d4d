"""Scenario files: what they may say, and what a mistake in one is answered with."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sim.hubline.build import BAG_CHANGE
from sim.hubline.scenario import HubDay
from sim.hubline.traffic import ORDINARY_FLAWS, ORDINARY_SERVICES, SERVICES, Flow
from sim.study.stopping import Sampling
from sim.study.summary import Threshold
from sorter.app.scenario_file import Plan, load_plan, varied
from sorter.errors import ConfigError
from tests.linzi import FOLDER
from tests.shared import ROOT

SHIPPED = sorted((ROOT / "configs" / "scenarios").glob("*.yaml"))
MIN, HOUR = 60_000_000, 3_600_000_000
HEAD = f"name: s\nzh: 试\nen: try\nhub: {FOLDER}\ndate: 2026-06-18\n"
WAVE = 'waves: [{from: "04:30", to: "05:30", per_hour: 600}]\n'


def plan(folder: Path, text: str, name: str = "s.yaml") -> Plan:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_plan(path)


@cache
def shipped(path: Path) -> Plan:
    return load_plan(path)


def said(folder: Path, text: str) -> list[str]:
    """line:column, what, remedy of each problem."""
    with pytest.raises(ConfigError) as caught:
        plan(folder, text)
    return [
        f"{one.where.removeprefix(f'{folder}/s.yaml:')} | {one.what} | {one.remedy}"
        for one in caught.value.problems
    ]


def test_the_ten_days_of_the_domain_are_shipped_and_one_of_two_passes_and_of_shared_docks() -> None:
    assert {path.stem for path in SHIPPED} == {
        "normal-day", "singles-day", "stress-2x", "stress-3x", "cherry-season", "rainy-day", "plc-trouble",
        "chute-lost", "bus-timetable", "emergency-supplies", "yuncheng", "two-passes", "shared-docks",
    }  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_fits_its_hub_and_demands_something(path: Path) -> None:
    found = shipped(path)
    hub = {"yuncheng": "yuncheng", "two-passes": "linzi-fenghuang"}.get(path.stem, "linzi")
    assert (found.scenario.name, found.scenario.hub.name) == (path.stem, hub)
    assert found.thresholds
    assert found.begins_us == (17 * HOUR + 15 * MIN if found.scenario.first else 4 * HOUR + 30 * MIN)


def test_an_ordinary_day_has_100000_parcels_11_11_half_as_many_more_and_stress_two_and_three_times() -> None:
    folder = ROOT / "configs" / "scenarios"
    days = {path.stem: shipped(path).scenario for path in SHIPPED}
    parcels = {name: days[name].parcels for name in ("normal-day", "singles-day", "stress-2x", "stress-3x")}
    assert list(parcels.values()) == [100_000, 150_000, 200_000, 300_000]
    assert max(flow.per_hour for flow in days["normal-day"].traffic.flows) == 15_000
    assert max(flow.per_hour for flow in days["singles-day"].traffic.flows) == 22_500
    assert (days["normal-day"].lines, days["singles-day"].lines) == (3, 5)
    assert 0.10 <= days["cherry-season"].traffic.services[SERVICES[1]] <= 0.15
    assert shipped(folder / "chute-lost.yaml").others[0].name == "normal-day"


def test_what_a_file_leaves_out_is_as_on_an_ordinary_day(tmp_path: Path) -> None:
    found = plan(tmp_path, HEAD + WAVE)
    day = found.scenario
    assert (day.lines, day.seed, day.laps, day.change_us, day.stops) == (1, 1, 1, BAG_CHANGE, ())
    assert day.traffic.flaws == ORDINARY_FLAWS
    assert day.traffic.services == pytest.approx(ORDINARY_SERVICES)
    assert (found.sampling, found.thresholds, found.sweep, found.others) == (Sampling(10, 10), (), {}, ())


FULL = """
lines: 3
seed: 7
trucks: [{at: "05:10", courier: jt, parcels: 500, per_hour: 1000, late_min: 20}]
buses: [{at: "24:30", parcels: 60, per_hour: 60}]
shares: {upstream: 12.5%, return: 0%}
flaws: {torn: 3%}
flaws_of: {sto: {unread: 150ppm}}
places: {凤凰镇: 200, 370305001005: 7}
length_mm: [150, 280, 450]
vision_ms: [50, 90]
failing: 0.5%
bag_change_s: 40
recirculation: {return_mm: 20000, laps: 3}
closures: [{chute: zhutai-2, state: full, from: "05:00", to: "05:01:30"}]
stops: [{from: "05:20", to: "05:21"}, {from: "05:00", to: "05:02"}]
replications: {least: 3, most: 9, precision: 1%, of: [throughput_per_h, "chute:jinshan"]}
thresholds: {missorts: {most: 0}, "chute:jinshan": {least: 1, most: 99.5}}
sweep: {lines: [2, 4], load: [0.5]}
"""


def test_a_file_means_what_it_says(tmp_path: Path) -> None:
    found = plan(tmp_path, HEAD + WAVE + FULL)
    day = found.scenario
    assert found.begins_us == 4 * HOUR + 30 * MIN
    assert day.traffic.flows == (
        Flow(0, HOUR, 600.0, {}),
        Flow(60 * MIN, 90 * MIN, 1000.0, {"jt": 1.0}),
        Flow(20 * HOUR, 21 * HOUR, 60.0, {}),
    )
    assert day.until_us == 21 * HOUR
    assert list(day.traffic.services.values()) == pytest.approx([0.86, 0.125, 0.0, 0.01, 0.005])
    assert day.traffic.flaws == {**ORDINARY_FLAWS, "torn": 0.03}
    assert day.traffic.of_courier == {"sto": {**ORDINARY_FLAWS, "torn": 0.03, "unread": 0.00015}}
    assert (day.traffic.length_mm, day.traffic.vision_us) == ((150, 280, 450), (50_000, 90_000))
    assert (day.lines, day.seed, day.traffic.failing, day.change_us) == (3, 7, 0.005, 40_000_000)
    assert (day.return_mm, day.laps) == (20_000, 3)
    assert day.closures.full == {3: [(30 * MIN, 31 * MIN + 30_000_000)]}
    assert day.stops == ((30 * MIN, 32 * MIN), (50 * MIN, 51 * MIN))
    assert found.sampling == Sampling(3, 9, 0.01, ("throughput_per_h", "chute:jinshan"))
    assert found.thresholds == (
        Threshold("missorts", "most", 0),
        Threshold("chute:jinshan", "least", 1),
        Threshold("chute:jinshan", "most", 99.5),
    )
    assert found.sweep == {"lines": (2, 4), "load": (0.5,)}


def test_a_town_weighs_as_much_as_it_has_villages_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    places = plan(tmp_path, HEAD + WAVE + "places: {凤凰镇: 200, 370305001005: 7}").scenario.traffic.places
    assert (places["370305001005"], places["370305001"], sorted(places.values())[-1]) == (7.0, 9.0, 200.0)


def test_a_sweep_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    day = plan(tmp_path, HEAD + WAVE + "flaws_of: {sto: {torn: 9%}}").scenario
    assert varied(day, {}) == day
    values = {
        "load": 1.5, "lines": 4, "bag_change_s": 60,
        "unread_percent": 2.0, "failing_percent": 0.5, "capacity": 60,
    }  # fmt: skip
    other = varied(day, values)
    assert other.traffic.flows == (Flow(0, HOUR, 900.0, {}),)
    assert (other.lines, other.change_us, other.traffic.failing) == (4, 60_000_000, 0.005)
    assert other.traffic.flaws == {**ORDINARY_FLAWS, "unread": 0.02}
    assert other.traffic.of_courier["sto"] == {**ORDINARY_FLAWS, "torn": 0.09, "unread": 0.02}
    assert {chute.capacity for chute in other.hub.layout.chutes} == {60}
    keys = {HubDay(varied(day, {name: value})).key for name, value in values.items()}
    assert len(keys | {HubDay(day).key}) == 1 + len(values)


def test_scenarios_that_are_compared_see_the_same_parcels(tmp_path: Path) -> None:
    plan(tmp_path, HEAD.replace("name: s", "name: t") + "seed: 5\n" + WAVE, "t.yaml")
    text = HEAD + WAVE + "seed: 9\nthresholds: {missorts: {most: 0}}\ncompare: [t.yaml]"
    found = plan(tmp_path, text)
    assert [(other.name, other.seed) for other in found.others] == [("t", 9)]
    assert found.others[0].hub is found.scenario.hub
    assert [threshold.point for threshold in found.thresholds] == ["s"]


FORMS = """
shares: {upstreem: 1%} | 6:10 | unknown key 'upstreem' | 'upstream'
shares: {upstream: 2} | 6:20 | '2' does not have the form | 2%, 0.05%
flaws: {tornn: 1%} | 6:9 | 'tornn' is not known here | 'torn'
lines: 65 | 6:8 | 65 is out of range | 1 to 64
trucks: [{at: "5:10", parcels: 5, per_hour: 5}] | 6:15 | '5:10' does not have the form | '05:30'
trucks: [{at: "05:10", parcels: 5}] | 6:10 | key 'per_hour' is missing | add it
closures: [{chute: qidu, state: shut, from: "05:00", to: "06:00"}] | 6:33 | 'shut' is not known | locked
thresholds: {missorts: {atmost: 0}} | 6:25 | unknown key 'atmost' | 'most'
thresholds: {missorts: {most: none}} | 6:31 | 'none' does not have the form | a number
trucks: [{at: "05:10", parcels: 5, per_hour: 5, late_min: [1, x]}] | 6:63 | 'x' is not a whole | 0 to 720
buses: [{at: "05:10", parcels: 5, per_hour: 5, shares: {upstreem: 1%}}] | 6:57 | unknown key | upstream
first_pass: {scenaro: x, chutes: [a], from: "05:00", to: "06:00"} | 6:14 | unknown key 'scenaro' | scenario
sensitivity: {of: [loads]} | 6:20 | 'loads' is not known here | 'load'
sweep: {loads: [1]} | 6:9 | unknown key 'loads' | 'load'
sweep: {load: [0]} | 6:16 | '0' does not have the form | factor above 0
sweep: {load: []} | 6:15 | nothing is named here | at least one
replication: {least: 3} | 6:1 | unknown key 'replication' | 'replications'
"""


@pytest.mark.parametrize("row", FORMS.strip().splitlines())
def test_a_wrong_form_is_found_at_its_place_with_a_remedy(row: str, tmp_path: Path) -> None:
    entry, place, what, remedy = row.split(" | ")
    first = said(tmp_path, HEAD + entry + "\n" + WAVE)[0].split(" | ")
    assert first[0] == place
    assert what in first[1]
    assert remedy in first[2]


MISTAKES = """\
waves: # 6:1
  - {from: "04:30", to: "04:00", per_hour: 60} # 7:25 ends before it begins
  - {from: "04:30", to: "05:30"} # 8:5 neither parcels nor per_hour
  - {from: "04:30", to: "05:30", per_hour: 60, parcels: 60} # 9:34 both parcels and per_hour
  - {from: "04:30", to: "05:30", per_hour: 60, mix: {jtt: 1}} # 10:54 unknown courier 'jtt' > 'jt'
  - {from: "04:30", to: "05:30", per_hour: 60, mix: {jt: 0}} # 11:53 every weight is 0
trucks: # 12:1
  - {at: "05:00", courier: stoo, parcels: 5, per_hour: 5} # 13:28 unknown courier 'stoo' > 'sto'
shares: {upstream: 60%, cold: 50%} # 14:1 more than 100%
flaws_of: {stoo: {torn: 99%}} # 15:12 more than 100%
places: {凤凰: 3} # 16:10 unknown place '凤凰' > '凤凰镇'
length_mm: [50, 260, 600] # 17:12 does not take these lengths > 100 to 600
vision_ms: [90, 50] # 18:12 the least time is above
recirculation: {laps: 3} # 19:1 no way back > 900
closures: # 20:1
  - {chute: fenghuang1, state: full, from: "05:00", to: "06:00"} # 21:13 'fenghuang1' > 'fenghuang-1'
  - {chute: qidu, state: full, from: "04:00", to: "06:00"} # 22:38 before the line clock
stops: # 23:1
  - {from: "04:30:01", to: "04:31"} # 24:12 only starting
  - {from: "05:00", to: "05:00:01"} # 25:25 2.0 s to stand
  - {from: "05:00:02", to: "05:01"} # 26:12 not yet at speed
replications: {least: 3, most: 5, of: [missorted]} # 27:32 nothing says when to stop
thresholds: # 28:1
  sorted_shar: {least: 90} # 29:3 unknown figure 'sorted_shar' > 'sorted_share'
  missorts: {} # 30:13 no limit
  laps: {least: 2, most: 1} # 31:9 nothing is above
  "chute:qidoo": {least: 1} # 32:3 unknown figure 'chute:qidoo' > 'chute:qidu'
compare: [none.yaml] # 33:11 there is no file 'none.yaml'
"""


def test_every_mistake_of_a_file_is_told_at_once_with_its_place_and_remedy(tmp_path: Path) -> None:
    found = said(tmp_path, HEAD + MISTAKES)
    wanted = [line.split(" # ")[1] for line in MISTAKES.splitlines()]
    for row in wanted:
        place, _, words = row.partition(" ")
        what, _, remedy = words.partition(" > ")
        assert not words or any(
            one.startswith(f"{place} | ") and what in one and remedy in one for one in found
        ), (row, found)
    double = {"15:12": 2, "27:40": 1}  # also an unknown courier; also an unknown figure
    assert len(found) == sum(" " in row for row in wanted) + 1 + 1
    assert {place: sum(one.startswith(f"{place} |") for one in found) for place in double} == double


SINGLE = {
    "": "nothing comes",
    WAVE + "places: {nowhere: 1}\nhub2: x": "unknown key 'hub2'",
    WAVE + "replications: {least: 5, most: 3}": "fewer at most",
    WAVE + "replications: {precision: 1%}": "a fixed number",
    WAVE + "sweep: {load: [1, 2]}\ncompare: [s.yaml]": "both a sweep and a comparison",
    WAVE + "compare: [s.yaml]": "the name 's' too",
    WAVE + f"sweep: {{lines: {list(range(1, 65))}, capacity: {list(range(1, 17))}}}": "1024 points",
    WAVE + "length_mm: [300, 260, 600]": "do not ascend",
    'trucks: [{at: "05:00", parcels: 5, per_hour: 5, late_min: [9, 5]}]': "the least lateness is above",
    (
        'shares: {cold: 5%}\nbuses: [{at: "05:00", parcels: 5, per_hour: 5, shares: {upstream: 97%}}]'
    ): "more than 100% in all",
    WAVE + "sensitivity: {of: [load]}\nsweep: {load: [1]}": "beside a sweep or a comparison",
    WAVE + "sensitivity: {of: [failing_percent]}": "it is 0 here",
    WAVE + "sensitivity: {of: [lines]}": "it is 1 here",
}


@pytest.mark.parametrize("text", SINGLE)
def test_what_contradicts_itself_is_a_problem(text: str, tmp_path: Path) -> None:
    assert any(SINGLE[text] in one for one in said(tmp_path, HEAD + text))


def test_a_hub_that_is_not_there_or_wrong_is_a_problem_of_the_file_beside_the_others(tmp_path: Path) -> None:
    lost = said(tmp_path, (HEAD + WAVE).replace(str(FOLDER), "../none") + "vision_ms: [9, 5]")
    assert [one.partition(" | ")[0] for one in lost] == ["4:6", "7:12"]
    (tmp_path / "hub").mkdir()
    bare = said(tmp_path, (HEAD + WAVE).replace(str(FOLDER), "hub") + "vision_ms: [9, 5]")
    assert any("hub/line.yaml:1:1 | the file is missing" in one for one in bare)
    assert any("the least time is above" in one for one in bare)


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "empty"), ("name: s\nzh: 平日".encode("gbk"), "could be GBK"), (b"waves: [", "not YAML")],
)
def test_what_is_no_scenario_file_is_a_problem_with_a_place(data: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_plan(path)
    assert what in caught.value.problems[0].what
    assert caught.value.problems[0].where.startswith(f"{path}:")


def test_what_a_scenario_is_called_changes_no_figure(tmp_path: Path) -> None:
    day = plan(tmp_path, HEAD + WAVE).scenario
    assert HubDay(replace(day, zh="别的")).key == HubDay(day).key != HubDay(replace(day, seed=2)).key
