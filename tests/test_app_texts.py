from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum

import pytest

from sorter.app.segments import AN_EFFECT
from sorter.app.texts import FAILURES, NOTICES, failure, notice, printable, text
from sorter.flow import NoRead, Outcome, PackState, Result, Verdict, Why
from tests.shared import ROOT
from vision.answer import DARK, STILL, TIME_OVER
from vision.claims import DROPPED, TOO_OLD
from vision.pipeline import DIED, HUNG


@pytest.mark.parametrize("kind", [Outcome, Why, Verdict, Result, PackState, NoRead])
def test_every_key_has_its_own_text_in_both_languages(kind: type[Enum]) -> None:
    for lang in ("zh", "en"):
        texts = [text(key, lang) for key in kind]  # type: ignore[arg-type]
        assert len(set(texts)) == len(list(kind))
        assert all(texts)
    assert all(not text(key, "zh").isascii() for key in kind)  # type: ignore[arg-type]


def trees() -> Iterator[ast.AST]:
    """The brain's source, core and shell, but for the texts themselves."""
    for path in (ROOT / "sorter").rglob("*.py"):
        if path.name != "texts.py":
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def keys_given() -> Iterator[str]:
    """Every string that stands as the key of a Notice where it is made."""
    for node in trees():
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice":
            key = node.args[1]
            parts = [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]
            yield from (str(part.value) for part in parts if isinstance(part, ast.Constant))


def test_every_notice_has_a_text_and_every_text_a_notice() -> None:
    # No notice: what a start reads in place of the effects it need not know.
    assert set(keys_given()) - {AN_EFFECT.key} <= set(NOTICES)
    # A key may be chosen before its notice is made.
    said = {node.value for node in trees() if isinstance(node, ast.Constant)}
    made = {*(f"comm-{code}" for code in (1, 2, 3, 4)), *(f"refused-{result}" for result in (1, 2, 3))}
    assert set(NOTICES) <= said | made


def test_a_notice_names_what_it_is_about() -> None:
    assert notice("chute-full", "9", "zh") == "格口 9 已满，请换袋"
    assert notice("chute-full", "9", "en") == "chute 9 is full, change its bag"
    assert notice("state", "EXECUTE", "zh") == "设备状态：运行"


def test_every_way_in_which_vision_fails_has_a_text() -> None:
    assert set(FAILURES) == {DIED, HUNG, DROPPED, TOO_OLD, TIME_OVER, STILL, DARK}
    assert notice("vision-failed", DIED, "zh") == "识读出错：识读进程崩溃，已重启"
    assert failure("another-way", "en") == "another-way"


def test_a_notice_of_another_version_is_shown_as_it_is() -> None:
    assert notice("teleported", "17 {x}", "en") == "teleported: 17 {x}"
    assert notice("{0}{about", "17", "en") == "{0}{about: 17"


def test_untrusted_text_is_shown_without_its_control_characters() -> None:
    assert printable("A1\x1b[2J\u202e凤凰镇") == "A1\\x1b[2J\\u202e凤凰镇"
    assert printable("x" * 100) == "x" * 80 + "…"
