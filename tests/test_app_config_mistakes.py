"""Mistakes planted in the default hub: each is found at its place, with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter.app.config import hub_from_files, read_hub
from sorter.errors import ConfigError
from tests.linzi import edited

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
plan | exceptions:⏎ | exceptions:⏎  - x⏎ | plan:31:3 | not YAML | indentation
"""


def rows(table: str) -> list[list[str]]:
    marks = str.maketrans({"⏎": "\n", "→": "\t"})
    return [[cell.translate(marks) for cell in row.split(" | ")] for row in table.strip().splitlines()]


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


DOUBTS = """
line | en: Spare 2, spare: true | en: Spare 2 | line:41:19 | sends nothing to chute spare-2 | spare: true
plan | to: [qidu] | to: [qidu, spare-1] | line:40:19 | spare chute spare-1 is used | delete spare
plan | to: [qidu] | to: [qidu, jinshan] | plan:19:61 | not lie downstream of qidu | order of the belt
plan | to: [qidu] | to: [qidu], balance: true | plan:19:71 | with a single chute | second chute
plan | couriers: [sf] | couriers: [sf], towns: [金山镇] | plan:5:1 | from anywhere: sf | add
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
