"""What an engineer, a spreadsheet, an editor or a disk can make of a configuration file, by name.

Beside these stand the mistakes of `test_app_config_mistakes.py` and `test_app_scenario_file.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

# name | file | what is replaced | by what | where it is found | word of the mistake
TRAPS = """
YAML: a key twice, the last would win | plan | {id: qidu, | {id: qidu, id: qidoo, | plan:19:16 | already given
YAML: a key twice, far apart | line | end_after_mm: 1200 | end_after_mm: 1200⏎name: other | line:11:1 | already given
YAML: NO is no country but false | waves | morning: | NO: | waves:5:3 | does not have the form
YAML: on is no position but true | line | spare: true}⏎  - {id: 27 | spare: on}⏎  - {id: 27 | line:40:83 | neither
YAML: 12:30 is 750 | waves | "08:30" | 8:30 | waves:5:32 | not a time of day
YAML: 0123 is 83 | plc | port: 5020 | port: 05020 | plc:3:31 | '05020' is not
YAML: 0x10 is 16 | plc | unit: 1 | unit: 0x1 | plc:3:43 | '0x1' is not
YAML: 1_600 is 1600 | line | speed_mm_s: 1600 | speed_mm_s: 1_600 | line:4:20 | not a whole number
YAML: 1e3 is a text | line | speed_mm_s: 1600 | speed_mm_s: 1e3 | line:4:20 | not a whole number
YAML: 1,600 is two values | line | speed_mm_s: 1600 | speed_mm_s: 1,600 | line:4:22 | unknown key
YAML: ~ is nothing | line | speed_mm_s: 1600 | speed_mm_s: ~ | line:4:20 | not a whole number
YAML: .inf | line | speed_mm_s: 1600 | speed_mm_s: .inf | line:4:20 | not a whole number
YAML: .nan | plc | timeout_ms: 300 | timeout_ms: .nan | plc:3:71 | not a whole number
YAML: a number with its unit | line | speed_mm_s: 1600 | speed_mm_s: 1600 mm/s | line:4:20 | not a whole number
YAML: full-width digits | plc | poll_ms: 50 | poll_ms: ５０ | plc:3:55 | not a whole number
YAML: a full-width colon | line | end_after_mm: 1200 | end_after_mm： 1200 | line:11:1 | not YAML
YAML: full-width brackets | plan | to: [qidu] | to: 【qidu】 | plan:19:54 | a list is wanted
YAML: typographic quotes | waves | "04:30" | “04:30” | waves:5:19 | not a time of day
YAML: a space that does not break | line | name: linzi-1 | name: linzi\xa01 | line:3:7 | not a text that can be shown
YAML: a zero-width space in a name | plan | towns: [金山镇] | towns: [金山\u200b镇] | plan:18:47 | not a text that can be shown
YAML: a right-to-left override | line | en: Qidu | en: "\u202eudiQ" | line:19:63 | not a text that can be shown
YAML: a homonym letter (Cyrillic) | plan | to: [qidu] | to: [qіdu] | plan:19:55 | unknown chute
YAML: a tab | plan | rules:⏎ | rules:⏎→- x⏎ | plan:6:1 | a tab
YAML: a colon without its space | line | end_after_mm: 1200 | end_after_mm:1200 | line:11:1 | not YAML
YAML: an unclosed quote | plan | name: linzi-daily | name: "linzi-daily | plan:3 | not YAML
YAML: an unclosed bracket | cameras | looks_mm: [0] | looks_mm: [0 | cameras:6 | not YAML
YAML: one blank too few | couriers | ⏎    en: J&T | ⏎  en: J&T | couriers:9:13 | not YAML
YAML: an anchor and an alias | plan | to: [qidu] | to: &a [qidu] | plan:19:54 | anchor &a
YAML: a merge key | plc | program: {scan_ms: 10 | program: {<<: 1, scan_ms: 10 | plc:5:11 | unknown key '<<'
YAML: an alias that names itself | plan | to: [qidu] | to: &a [*a] | plan:19:54 | anchor &a
YAML: a Python object | plan | name: linzi-daily | name: !!python/object/apply:os.system [id] | plan:4:7 | tag
YAML: a second document | plan | rules:⏎ | ---⏎rules:⏎ | plan:5:1 | second document
YAML: a list where a mapping belongs | plc | link: {host | link: [{host | plc:5:1 | not YAML
YAML: a text over many lines | line | zh: 齐都镇 | zh: "齐都⏎⏎镇" | line:19:54 | not a text that can be shown
YAML: an empty value | plc | host: 127.0.0.1 | host:  | plc:3:13 | not a text that can be shown
YAML: a control character | line | name: linzi-1 | name: linzi\x07 | line:3:12 | U+0007
YAML: a whole number beyond 64 bits | line | capacity: 120 | capacity: 99999999999999999999 | line:11:25 | not a whole number
YAML: a number of 5,000 digits | line | capacity: 120 | capacity: {nines} | line:11:25 | not a text that can be shown
a waybill pattern that never ends | couriers | JT[0-9]{13} | (J+)+T | couriers:10:17 | not a waybill pattern
a pattern of 99 times, found by no search | couriers | JT[0-9]{13} | JT[0-9]{1,99} | couriers:10:17 | not a waybill
a pattern of a million | couriers | JT[0-9]{13} | JT[0-9]{1000000} | couriers:10:17 | not a waybill pattern
a set in a set | couriers | "JT[0-9]{13}" | '[[0-9]{13}' | couriers:10:17 | not a waybill pattern
a set less a set | couriers | "JT[0-9]{13}" | '[A-Z--0]{13}' | couriers:10:17 | not a waybill pattern
a share of 300 % | plan | name: linzi-daily | name: x⏎sizes: {a: 0} | plan:5:12 | out of range
a wave at 24:60 | waves | "17:00" | "24:60" | waves:7:34 | not a time of day
a minus from a text program | line | end_after_mm: 1200 | end_after_mm: −1200 | line:10:15 | not a whole number
a negative length | line | end_after_mm: 1200 | end_after_mm: -1200 | line:10:15 | out of range
a port of 0 | plc | port: 5020 | port: 0 | plc:3:31 | out of range
"""  # noqa: E501


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


ODD_FILES: dict[str, Callable[[Path], None]] = {
    "a folder of its name": Path.mkdir,
    "a pipe of its name": _fifo,
    "a link to itself": _loop,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to a device without end": _endless,
    "a terabyte of holes": _sparse,
}

CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "blanks only": b"  \n\n   \n",
    "a comment only": "# 待填\n".encode(),
    "one zero byte": b"\0",
    "GBK": "name: 临淄\n".encode("gbk"),
    "GBK that is UTF-8 by chance": "联通".encode("gbk"),
    "UTF-16": "name: 临淄\n".encode("utf-16"),
    "UTF-16 without a mark": "name: x\n".encode("utf-16-le"),
    "a byte order mark": b"\xef\xbb\xbfname: x\n",
    "UTF-8 cut in a character": "name: 临".encode()[:-1],
    "half a surrogate": b"name: \xed\xa0\x80\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "JSON": b'{"name": "x"}',
    "a list": b"- a\n- b\n",
    "one word": b"linzi",
    "carriage returns only": b"name: x\rrules: []\r",
    "brackets without end": b"[" * 100_000,
    "nested mappings": b"".join(b" " * n + b"a:\n" for n in range(200)),
    "a bomb of aliases": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 106)),
    "two million keys": b"".join(b"k%d: 1\n" % n for n in range(200_000)),
    "one line of a million": b"name: " + b"x" * 1_000_001,
    "five million bytes": b"#" * 5_000_000,
    "a conflict of git": b"<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> x\n",
    "a web page": b"<!DOCTYPE html><html><body>404</body></html>",
}

FAULTS: dict[str, str] = {
    "faults that are a word": "name: f\nfaults: many",
    "a kind nobody knows": "name: f\nfaults: [{kind: earthquake}]",
    "a share above all": "name: f\nfaults: [{kind: no-read, share: 101%}]",
    "a share without its unit": "name: f\nfaults: [{kind: no-read, share: 3}]",
    "a share below nothing": "name: f\nfaults: [{kind: no-read, share: -3%}]",
    "a share that is NaN": "name: f\nfaults: [{kind: no-read, share: NaN%}]",
    "a time as YAML reads it": "name: f\nfaults: [{kind: no-read, at: 12:30, share: 3%}]",
    "a span that runs backwards": "name: f\nfaults: [{kind: belt-slip, per_hour: 2, for: 9s..2s, slip: 2%}]",
    "a key of another kind": "name: f\nfaults: [{kind: misread, share: 1%, slip: 2%}]",
    "an eye the line has not": "name: f\nfaults: [{kind: blind-eye, eye: 99, share: 1%}]",
    "a courier nobody knows": "name: f\nfaults: [{kind: no-read, courier: dhl, share: 1%}]",
}

_HEAD = "name: s\nzh: 日\nen: Day\nhub: {hub}\ndate: 2026-06-18\n"
_DAY = _HEAD + 'waves: [{{from: "06:00", to: "06:15", parcels: 9}}]\n'
SCENARIOS: dict[str, str] = {
    "nothing comes": _HEAD,
    "a day that is none": _DAY.replace("2026-06-18", "2026-02-30"),
    "a date as Excel writes it": _DAY.replace("2026-06-18", "18/06/2026"),
    "a hub that is not there": _DAY.replace("{hub}", "../nowhere"),
    "a hub that is a file": _DAY.replace("{hub}", "{hub}/plan.yaml"),
    "a wave that runs backwards": _DAY.replace("06:15", "05:15"),
    "a wave at 99 o'clock": _DAY.replace("06:15", "99:15"),
    "more parcels than atoms": _DAY.replace("parcels: 9", "parcels: " + "9" * 40),
    "a share of a courier below nothing": _DAY.replace("parcels: 9", "parcels: 9, mix: {{jt: -1}}"),
    "a courier nobody knows": _DAY.replace("parcels: 9", "parcels: 9, mix: {{dhl: 1}}"),
    "a figure nobody knows": _DAY + "thresholds: {{beauty: {{least: 1}}}}\n",
    "a sweep of nothing": _DAY + "sweep: {{load: []}}\n",
    "itself to compare with": _DAY + "compare: [s.yaml]\n",
    "a scenario to compare with that is not there": _DAY + "compare: [gone.yaml]\n",
    "an engine nobody has": _DAY + "engine: steam\n",
}
