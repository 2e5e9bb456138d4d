"""The variable list and the CSV that a PLC programmer is given say what the map says."""

from __future__ import annotations

import csv
import re
from io import StringIO

from plc.blocks import Block
from plc.mapcode import COLUMNS, structured_text, table
from plc.registers import BLOCKS
from sorter.flow import PackState, Result
from tests.shared import ROOT

VARIABLE = re.compile(
    r"^  (\w+) AT %MW(\d+) : (?:ARRAY\[0\.\.(\d+)\] OF )?(UINT|WORD); \(\* .* \*\)$", re.MULTILINE
)
CONSTANT = re.compile(r"^  (\w+) : UINT := (16#[0-9A-F]{4}|\d+);$", re.MULTILINE)


def placed() -> dict[int, str]:
    """Address -> variable, from the text itself."""
    words: dict[int, str] = {}
    for name, at, last, _ in VARIABLE.findall(structured_text()):
        for address in range(int(at), int(at) + int(last or 0) + 1):
            assert address not in words, f"{name} and {words[address]} share %MW{address}"
            words[address] = name
    return words


def used(block: Block) -> range:
    last = block.registers[-1]
    return range(block.base, block.base + last.offset + last.words)


def test_every_word_of_the_map_has_exactly_one_variable() -> None:
    assert set(placed()) == {address for block in BLOCKS for address in used(block)}


def test_variables_stand_where_the_contract_says() -> None:
    words = placed()
    assert [words[at] for at in (3, 8, 9, 24, 57, 257, 512, 1024, 1033, 1113, 1280)] == [
        "S_hb_plc", "S_encoder_hi", "S_encoder_lo", "S_chute_full", "S_window", "K_crc_lo", "P_positions",
        "C_hb_pc", "C_slots", "C_guard_b", "D_parcels",
    ]  # fmt: skip


def test_every_line_is_a_variable_a_constant_a_comment_or_a_bracket() -> None:
    lines = re.sub(r"^\(\*.*?\*\)\n", "", structured_text(), flags=re.DOTALL).splitlines()
    rest = [
        line for line in lines if line.strip() and not VARIABLE.match(line) and not CONSTANT.match(line)
        and not re.fullmatch(r"  \(\* [^*]* \*\)", line)
    ]  # fmt: skip
    assert rest == ["VAR_GLOBAL CONSTANT", "END_VAR", "VAR_GLOBAL", "END_VAR"]


def test_names_differ_and_are_identifiers() -> None:
    names = [name for name, *_ in VARIABLE.findall(structured_text()) + CONSTANT.findall(structured_text())]
    assert len({name.upper() for name in names}) == len(names), "IEC names know no case"
    assert [name for name in names if "__" in name or name.endswith("_") or name[0].isdigit()] == []


def test_the_vocabularies_are_constants() -> None:
    values = dict(CONSTANT.findall(structured_text()))
    assert values["MAP_MAGIC"] == "16#534F" and values["EVENT_TRIGGER"] == "10"
    assert [int(values[f"STATE_{state.name}"]) for state in PackState] == list(range(1, 18))
    assert [int(values[f"RESULT_{result.name}"]) for result in Result] == list(range(1, 11))


def test_the_csv_has_the_same_variables() -> None:
    head, *rows = csv.reader(StringIO(table()))
    assert tuple(head) == COLUMNS
    found = [(row[7], row[2]) for row in rows]
    assert found == [(name, at) for name, at, *_ in VARIABLE.findall(structured_text())]


def test_the_committed_files_are_the_generated_ones() -> None:
    for name, text in (("registers.st", structured_text()), ("registers.csv", table())):
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, f"make docs/{name} anew"
