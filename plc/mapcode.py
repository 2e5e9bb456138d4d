"""The map for PLC programmers: an IEC 61131-3 variable list and a CSV, written from `plc.registers`. Pure.

Structured Text puts a word at `%MW<address>`. A 32-bit register is two UINT, high word first, because the
order in which a PLC packs a UDINT into words is its maker's choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from plc.blocks import Block, Register
from plc.records import EventType
from plc.registers import BLOCKS, JOG, MAGIC, MAP_VERSION
from sorter.flow import PackCommand, PackState, Result, Verdict

_HEAD = """(* SORT-MAP 1.0, variables and constants for IEC 61131-3 (Structured Text).
   Generated from plc/registers.py by `python -m plc.mapcode > docs/registers.st`; a test compares.
   Block C is written by the PC at any moment: copy it once at the start of a scan, and use the copy only
   when C_hb_pc = C_guard_b. Write S_guard_b last. Meanings: docs/registers.md. *)
"""
_ENUMS: tuple[tuple[str, type[IntEnum]], ...] = (
    ("EVENT", EventType), ("RESULT", Result), ("VERDICT", Verdict), ("STATE", PackState),
    ("COMMAND", PackCommand),
)  # fmt: skip
COLUMNS = ("block", "writer", "address", "words", "name", "kind", "unit", "variable", "type", "meaning")


def variables(block: Block) -> Iterator[tuple[Register, str, int, str]]:
    """Register, variable name, address and IEC type of every variable of a block, in order of address."""
    for register in block.registers:
        name, at = f"{block.letter}_{register.name}", block.base + register.offset
        if register.kind == "u32" and register.words == 2:
            yield register, f"{name}_hi", at, "UINT"
            yield register, f"{name}_lo", at + 1, "UINT"
        else:
            yield register, name, at, _type(register)


def _type(register: Register) -> str:
    word = "WORD" if "bits" in (register.kind, register.scale) else "UINT"
    return word if register.words == 1 else f"ARRAY[0..{register.words - 1}] OF {word}"


def structured_text() -> str:
    """The whole file, ending with a newline."""
    return _HEAD + "\n".join(["", *_constants(), "", *_variables()]) + "\n"


def _constants() -> Iterator[str]:
    yield "VAR_GLOBAL CONSTANT"
    yield f"  MAP_MAGIC : UINT := 16#{MAGIC:04X};"
    yield f"  MAP_VERSION : UINT := 16#{MAP_VERSION:04X};"
    yield f"  MAP_JOG : UINT := {JOG};"
    for title, kind in _ENUMS:
        yield from (f"  {title}_{member.name} : UINT := {member.value};" for member in kind)
    yield "END_VAR"


def _variables() -> Iterator[str]:
    yield "VAR_GLOBAL"
    for block in BLOCKS:
        yield f"  (* {block.letter}: {block.title}, {block.words} words, written by the {block.writer} *)"
        for register, name, at, kind in variables(block):
            yield f"  {name} AT %MW{at} : {kind}; (* {register.meaning.replace('*)', '* )')} *)"
    yield "END_VAR"


def table() -> str:
    """The same as CSV (RFC 4180, lines end with a newline), one row a variable, header first."""
    return "".join(",".join(map(_quoted, row)) + "\n" for row in (COLUMNS, *_rows()))


def _quoted(cell: object) -> str:
    text = str(cell).replace('"', '""')
    return f'"{text}"' if any(sign in text for sign in ',"\n') else text


def _rows() -> Iterator[tuple[object, ...]]:
    for block in BLOCKS:
        for register, name, at, kind in variables(block):
            words = 1 if kind in ("UINT", "WORD") else register.words
            yield (
                block.letter, block.writer, at, words, register.name, register.kind, register.scale,
                name, kind, register.meaning,
            )  # fmt: skip


if __name__ == "__main__":
    print(structured_text(), end="")
