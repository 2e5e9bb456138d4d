"""Tables of a terminal: columns by the places that characters take, whole words, every width."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from sorter.app.columns import Row, beside, folded, packed, padded, widest
from tests.test_app_cmd_scenario import SMALL, sim

ROWS = [Row("分拣率", "sorted", ("95.0", "7"), "%"), Row("到件", "parcels", ("1,000", "12"))]


def test_a_chinese_character_takes_two_places() -> None:
    assert widest(["分拣率", "sorted"]) == 6
    assert padded("到件", 6) == "到件  "
    assert padded("7", 3, right=True) == "  7"


def test_both_labels_stand_beside_the_values_on_two_lines_or_not_at_all() -> None:
    wide = beside(ROWS, ["a", "b"], 40)
    assert wide == [
        "                     a   b",
        "分拣率  sorted    95.0   7  %",
        "到件    parcels  1,000  12",
    ]
    narrow = beside(ROWS, ["a", "b"], 26)
    assert narrow == [
        "             a   b",
        "分拣率    95.0   7  %",
        "sorted",
        "到件     1,000  12",
        "parcels",
    ]
    assert beside(ROWS, ["a", "b"], 19) is None


def test_parts_share_a_line_as_long_as_they_fit_and_go_on_indented() -> None:
    assert packed(["种子 seed 1", "线数 lines 3", "a b"], 28) == ["种子 seed 1   线数 lines 3", "a b"]
    assert folded("刚性 the belt is rigid", 12) == ["刚性 the", "    belt is", "    rigid"]
    assert folded("  a b", 4) == ["  a", "    b"]
    assert folded("unbreakable-word", 4) == ["unbreakable-word"]


@pytest.mark.parametrize(
    "text", ["", "compare: [other.yaml]", "sweep: {load: [0.5, 1], capacity: [60, 90]}"],
    ids=["one", "compared", "swept"],
)  # fmt: skip
def test_no_word_is_cut_and_no_line_too_long_on_a_terminal_of_60_places_or_more(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.yaml").write_text(SMALL.replace("small", "other-day"), encoding="utf-8")
    words, heads = set[str](), {"均值", "mean"}  # heads of point after point, where they fit beside no other
    for columns in (200, 120, 80, 60):
        monkeypatch.setenv("COLUMNS", str(columns))
        sim(tmp_path, text, "--workers", 1)
        out = capsys.readouterr().out
        assert max(map(cell_len, out.splitlines())) <= columns
        assert not words or set(out.split()) - heads == words
        words = set(out.split()) - heads
