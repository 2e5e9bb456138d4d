"""Mistakes planted in the default hub: each is found at its place, with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter.app.config import hub_from_files, load_hub, read_hub
from sorter.app.manifest import read_intercepts, read_manifest
from sorter.app.network_import import import_network
from sorter.app.plan_doubts import read_volumes
from sorter.app.problem_words import in_chinese
from sorter.errors import ConfigError, Problem
from tests.linzi import FOLDER, edited

# file, what is replaced by what: place, word of the mistake, word of the remedy
MISTAKES = """
line | speed_mm_s: 1600 | sped_mm_s: 1600 | line:4:8 | unknown key 'sped_mm_s' | 'speed_mm_s'
line | speed_mm_s: 1600 | speed_mm_s: 1_600 | line:4:20 | not a whole number | 1 to 5000
line | speed_mm_s: 1600 | speed_mm_s: 0533 | line:4:20 | '0533' is not | plain digits
line | speed_mm_s: 1600 | speed_mm_s: １６００ | line:4:20 | not a whole number | plain digits
line | counts_per_m: 2000 | counts_per_m: 2e3 | line:4:57 | '2e3' is not | 100 to 1000000
line | ramp_mm_s2: 800 | ramp_mm_s2: -800 | line:4:38 | out of range | 1 to 20000
line | switch_ms: 300} | switch_ms: 300, switch_ms: 200} | line:8:98 | already given at line 8 | keep one
line | end_after_mm: 1200⏎ |  | line:3:1 | 'end_after_mm' is missing | add it
line | infeed: { | infeed: [ | line:6:79 | not YAML | brackets
line | every_chute: {capacity: 120, fall_ms: 400} | every_chute: 120 | line:11:14 | a mapping | key: value
line | belt: { | →belt: { | line:4:1 | a tab | spaces only
line | spare: true}⏎  - {id: 27 | spare: yes}⏎  - {id: 27 | line:40:83 | 'yes' is neither | true or false
line | zh: 退件 | zh: '' | line:35:59 | not a text | visible characters
line | diverter: 1, side: left | diverter: 1, side: lefft | line:16:50 | 'lefft' is not known | 'left'
line | key: returns | key: Returns | line:35:19 | does not have the form | small letters
line | {id: 5, | {id: 4, | line:19:10 | already used at line 18 (金山镇) | free ids: [5]
line | {id: 27, | {id: 28, | line:41:10 | leaves a gap | free ids: [27]
line | key: spare-2 | key: spare-1 | line:41:19 | already used at line 40 (备用一) | give 备用二 its own
line | diverter: 6, side: right | diverter: 6, side: left | line:27:38 | at line 26 (金岭镇) | its own
line | diverter: 13, side: right | diverter: 14, side: right | line:41:38 | no diverter 14 | 0-13
line | shortest_mm: 100 | shortest_mm: 700 | line:6:23 | longer than the longest | at most 600
line | min_pitch_mm: 600 | min_pitch_mm: 500 | line:6:76 | needed 552 | at least 552 mm
line | eye_to_pivot_mm: 850 | eye_to_pivot_mm: 800 | line:8:77 | needed 812 | at least 812 mm
line | , pitch_mm: 1200 | , pitch_mm: 1100 | line:8:54 | needed 1190 | at least 1190 mm
line | end_after_mm: 1200 | end_after_mm: 300 | line:10:15 | needed 340 | at least 340 mm
cameras | position_mm: 1000 | position_mm: 2500 | cameras:6:26 | needed 1640 | at least 1640 mm
cameras | position_mm: 1000 | position_mm: 200 | cameras:6:26 | needed 332 | at least 332 mm
cameras | vision_budget_ms: 400 | vision_budget_ms: 1500 | cameras:6:26 | 1500 + 250 ms | lessen
cameras | looks_mm: [0] | looks_mm: [1400, 0] | cameras:6:26 | is 1600 mm | at least 1640 mm
cameras | looks_mm: [0] | looks_mm: [] | cameras:6:106 | nothing is named | at least one
cameras | looks_mm: [0] | looks_mm: [0, x] | cameras:6:110 | 'x' is not a whole | plain digits
cameras | looks_mm: [0] | looks_mm: 0 | cameras:6:106 | a list is wanted | [a, b]
cameras | {id: 0, | {id: 1, | cameras:6:10 | out of order | 0 here
plc | port: 5020 | port: 70000 | plc:3:31 | out of range | 1 to 65535
plc | comm_timeout_ms: 500 | comm_timeout_ms: 350 | plc:5:41 | needed 400 | at least 400 ms
plc | ring_depth: 512 | ring_depth: 128 | plc:5:58 | out of range | 256 to 16384
plc | window_mm: 100 | window_mm: 400 | line:6:76 | 2 x window 400 | at least 800 mm
plc | unit: 1 | unit: &u 1 | plc:3:43 | anchor &u | delete it
network | {code: 370305, | {code: 370305001, | network:6:3 | already used at line 4 | its own
network | name: 齐都镇 | name: 凤凰镇 | network:378:5 | already used at line 146 | its own
network | 370305001009: | 370305001005: | network:10:7 | already given at line 9 | keep one
network | name: 金岭镇⏎    villages: | name: 金岭镇⏎    vilages: | network:366:5 | 'vilages' | 'villages'
couriers | JT[0-9]{13} | JT[0-9{13} | couriers:10:17 | not a waybill pattern | [0-9]
couriers | "JT[0-9]{13}" | JT\\d{13} | couriers:10:21 | not YAML | brackets
couriers | "JT[0-9]{13}" | 'JT\\d{13}' | couriers:10:17 | not a waybill pattern | [0-9]
couriers | YT[0-9]{13} | YT([0-9]{1,13}){1,9} | couriers:31:17 | not a waybill | do not repeat a group
couriers | SF[0-9]{13}", from: 2022-10- | SF[0-9]{13}", from: 2022-13- | couriers:36:38 | not a day | year-
couriers | SF[0-9]{13}", from: 2022-10 | SF[0-9]{13}", to: 2022-W01 | couriers:36:36 | not a day | year-month
couriers | 01}⏎  sf: | 01, to: 2021-01-01}⏎  sf: | couriers:31:54 | before it begins | correct
couriers | SF[0-9]{13}", from: | SF[0-9]{13}", form: | couriers:36:32 | unknown key 'form' | 'from'
couriers | zh: 顺丰速运 | zh: *sf | couriers:33:9 | alias *sf | write the value
plan | to: [jinshan] | to: [jinshn] | plan:18:58 | unknown chute 'jinshn' | 'jinshan'
plan | towns: [金山镇] | towns: [金山] | plan:18:47 | unknown town '金山' | '金山镇'
plan | towns: [金山镇] | villages: [金山镇/没有村] | plan:18:50 | unknown village | did you mean '金山镇/
plan | couriers: [sf] | couriers: [fs] | plan:14:46 | unknown courier 'fs' | jt, sto, yunda
plan | [fenghuang-1, fenghuang-2] | [fenghuang-1, fenghuang-1] | plan:16:73 | named twice | delete one
plan | {id: qidu, | {id: jinshan, | plan:19:10 | already used at line 18 | its own id
plan | [up], couriers: [jt] | [upp], couriers: [jt] | plan:9:30 | 'upp' is not known | 'up'
plan | services: [cold] | services: [frozen] | plan:7:33 | 'frozen' is not known | standard, cold, emergency
plan | services: [emergency] | services: [] | plan:6:31 | nothing is named | delete the key
plan | towns: [闻韶街道] | couriers: [jt], towns: [闻韶街道] | network:6:3 | sto, yunda, | add 闻韶街道
plan | {id: up-sf | {id: x, towns: [金岭镇], to: [jinling]}⏎  - {id: up-sf | plan:27:10 | cold-chain, x | move
plan | services: [emergency] | towns: [金山镇], villages: [370305001005] | plan:6:10 | not in | correct
plan | intercepted: | intercepte: | plan:30:3 | not an exception | 'intercepted'
plan | intercepted: | no-code-seen: | plan:30:3 | rides to the exception end | delete this line
plan | intercepted: security | intercepted: securty | plan:30:16 | unknown chute 'securty' | 'security'
plan | name: linzi-daily | name: linzi daily | plan:4:7 | does not have the form | hyphens
plan | name: linzi-daily | name: x⏎sizes: {a: 300, b: 300} | plan:5:20
| not beyond the one before | small to large
plan | name: linzi-daily | name: x⏎sizes: {small: 0} | plan:5:16 | 0 is out of range | 1 to 1000000
plan | name: linzi-daily | name: x⏎for_towns: [金山] | plan:5:13 | unknown town '金山' | '金山镇'
plan | name: linzi-daily | name: x⏎groups: {a: [qidu, b], b: [a]} | plan:5:10
| holds itself: a -> b -> a | take it out
plan | name: linzi-daily | name: x⏎groups: {qidu: [jixia]} | plan:5:10
| has the name of a chute | its own name
plan | name: linzi-daily | name: x⏎groups: {a: [qidoo]} | plan:5:14 | unknown chute 'qidoo' | 'qidu'
plan | name: linzi-daily | name: x⏎fallbacks: {qidu: jixia, jixia: qidu} | plan:5:13
| in a circle: qidu -> jixia -> qidu | to nothing
plan | name: linzi-daily | name: x⏎fallbacks: {qidu: jixa} | plan:5:19 | unknown chute 'jixa' | 'jixia'
plan | name: linzi-daily | name: x⏎fallbacks: {qidoo: jixia} | plan:5:13 | unknown chute 'qidoo' | 'qidu'
plan | name: linzi-daily | name: x⏎defaults: {jt: 凤凰} | plan:5:16 | unknown town '凤凰' | '凤凰镇'
plan | to: [jinshan] | to: [jinshan], overflow: [jinshan] | plan:18:79 | 'jinshan' is named twice | delete one
plan | towns: [金山镇] | towns: [金山镇], sizes: [tiny] | plan:18:61 | unknown size class 'tiny' | known
plan | towns: [金山镇] | towns: [金山镇], waves: [noo] | plan:18:61 | unknown wave 'noo' | 'noon'
plan | towns: [金山镇] | towns: [金山镇], operators: [north] | plan:18:65 | unknown operator 'north' | known
plan | towns: [金山镇] | towns: [金山镇], stations: [S1] | plan:18:64 | unknown station 'S1' | known
plan | towns: [金山镇] | towns: [金山镇], inspected: maybe | plan:18:64 | 'maybe' is neither | true or false
plan | towns: [金山镇] | towns: [金山镇], waves: [noon] | network:455:3
| no rule takes parcels down to 金山镇 | add
waves | to: "08:30" | to: "11:30" | waves:6:16 | noon runs while morning does | has ended
waves | to: "17:00" | to: "16:00" | waves:7:34 | ends when it begins | correct one
waves | "04:30" | 4:30 | waves:5:19 | '4:30' is not a time of day | 04:30
sites | 533-L02: 370305104 | 533-L02: 370305999 | sites:9:14 | 370305999 is not in network.yaml | code
sites | 533-L02: 370305104 | 533 L01: 370305104 | sites:9:5 | is the same as '533-L01' | keep one
sites | 533-L*: 370305 | 5*3-L: 370305 | sites:12:5 | is not a site code | only at the end
sites | yunda: | yundaa: | sites:10:3 | unknown courier 'yundaa' | 'yunda'
network | former: [北羊镇, 北羊乡] | former: [北羊镇, 齐都镇] | network:517:29
| 齐都镇 is already used | its own
network | {aliases: [金岭回族镇]} | {from: 2026-02-01, to: 2026-01-01} | network:518:37
| before it begins | two days
network | {aliases: [金岭回族镇]} | {operator_from: 2026-02-01} | network:518:15
| but no operator | name the operator
network | 370305107: {aliases | 370305999: {aliases | network:518:3
| place 370305999 is not in this file | did you
plan | exceptions:⏎ | exceptions:⏎  - x⏎ | plan:31:3 | not YAML | indentation
"""


def rows(table: str) -> list[list[str]]:
    marks = str.maketrans({"⏎": "\n", "→": "\t"})
    lines = table.replace("\n| ", " | ").strip().splitlines()
    return [[cell.translate(marks) for cell in row.split(" | ")] for row in lines]


@pytest.mark.parametrize(("file", "old", "new", "place", "what", "remedy"), rows(MISTAKES))
def test_a_planted_mistake_is_found_at_its_place_with_a_remedy(
    file: str, old: str, new: str, place: str, what: str, remedy: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        hub_from_files(edited(f"{file}.yaml", old, new), "linzi")
    [problem] = caught.value.problems
    where, line, column = place.split(":")
    assert problem.where == f"linzi/{where}.yaml:{line}:{column}"
    assert what in problem.what
    assert remedy in problem.remedy
    assert in_chinese(problem.what) and in_chinese(problem.remedy)


# table, its header and rows, one with a mistake: place, word of the mistake, word of the remedy
IN_TABLES = """
manifest | waybill,courier,place⏎7.3E+13,sto,370305109 | 2:1 | lost its digits | as text
manifest | waybill,courier,place⏎12,sto,370305109 | 2:1 | is no waybill number | 6 to 64
manifest | waybill,courier,place⏎７７１２３４５６,sto,370305109 | 2:1 | is no waybill number | 6 to 64
manifest | waybill,courier,place⏎77123456,sot,370305109 | 2:10 | 'sot' is not in couriers.yaml | courier's key
manifest | waybill,courier,place⏎77123456,sto,370305999 | 2:14 | is not in network.yaml | village's code
manifest | waybill,courier,place⏎77123456,sto,3.70305E+11 | 2:14 | lost its digits | as text
manifest | waybill,courier,place,direction⏎77123456,sto,370305109,sideways | 2:24 | is no direction | down, up
manifest | waybill,courier,place,service⏎77123456,sto,370305109,frozen | 2:24 | is no service | cold
manifest | waybill,courier,place,inspected⏎77123456,sto,370305109,perhaps | 2:24 | neither yes nor no | 是
manifest | waybill,courier,place⏎77123456,sto,370305109⏎77123456,sto,370305104 | 3:1
| announced before | first counts
manifest | waybill,place⏎77123456,370305109 | 1:1 | lacks courier | first line
intercepts | parcel⏎77123456 | 1:1 | lacks waybill | first line
intercepts | waybill⏎no number! | 2:1 | is no waybill number | letters and digits
volumes | place,per_hour⏎370305999,5 | 2:1 | no town or village | code of network.yaml
volumes | place,per_hour⏎370305109,five | 2:11 | not a number of parcels | whole number
volumes | place,per_hour⏎370305109,5⏎370305109,6 | 3:1 | comes twice | keep one
villages | town_code,town_name,village_code,village_name⏎370305109,凤凰镇,370305104224,东召村 | 2:15
| not begin with | correct
villages | town_code,town_name,village_code,village_name⏎370305109,凤凰镇,3.70305E+11,东召村 | 2:15
| lost its digits | text
villages | town_code,town_name,village_code,village_name⏎370305109,凤凰镇,37030510922,东召村 | 2:15
| 12 digits | copy
villages | town_code,town_name,village_code,village_name⏎370305109,凤凰镇,370305109224, | 2:28
| is no name | visible
"""


def in_table(kind: str, path: Path) -> tuple[Problem, ...]:
    """The problems that the reader of this kind of table finds."""
    hub = load_hub(FOLDER)
    try:
        if kind == "manifest":
            return read_manifest(path, hub, "2026-11-28").aside
        if kind == "intercepts":
            return read_intercepts(path).aside
        if kind == "volumes":
            read_volumes(path, hub.network)
        else:
            import_network(path, "370305", "", None)
    except ConfigError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(("kind", "text", "place", "what", "remedy"), rows(IN_TABLES))
def test_a_mistake_in_a_table_is_found_at_its_place_with_a_remedy(
    kind: str, text: str, place: str, what: str, remedy: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    [problem] = in_table(kind, path)
    assert problem.where == f"{path}:{place}"
    assert what in problem.what
    assert remedy in problem.remedy
    assert in_chinese(problem.what) and in_chinese(problem.remedy)


DOUBTS = """
line | en: Spare 2, spare: true | en: Spare 2 | line:41:19 | sends nothing to chute spare-2 | spare: true
plan | to: [qidu] | to: [qidu, spare-1] | line:40:19 | spare chute spare-1 is used | delete spare
plan | to: [qidu] | to: [qidu, jinshan] | plan:19:61 | not lie downstream of qidu | order of the belt
plan | to: [qidu] | to: [qidu], balance: true | plan:19:71 | with a single chute | second chute
plan | couriers: [sf] | couriers: [sf], towns: [金山镇] | plan:5:1 | from anywhere: sf | add
couriers | 01, shared_with: [yunda]} | 01} | couriers:20:17
| may have the same number, for example 430 | shared_with
couriers | YT[0-9]{13} | JT[0-9]{13} | couriers:31:17 | jt and yto may have the same number | narrow
couriers | shared_with: [yunda] | shared_with: [yunda, sf] | couriers:15:79 | no number of sf | delete
"""


@pytest.mark.parametrize(("file", "old", "new", "place", "what", "remedy"), rows(DOUBTS))
def test_a_doubt_is_a_warning_at_its_place_and_hinders_nothing(
    file: str, old: str, new: str, place: str, what: str, remedy: str, tmp_path: Path
) -> None:
    for name, text in edited(f"{file}.yaml", old, new).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    reading = read_hub(tmp_path)
    [warning] = reading.warnings
    where, line, column = place.split(":")
    assert reading.hub
    assert warning.where == f"{tmp_path}/{where}.yaml:{line}:{column}"
    assert what in warning.what
    assert remedy in warning.remedy
    assert in_chinese(warning.what) and in_chinese(warning.remedy)
