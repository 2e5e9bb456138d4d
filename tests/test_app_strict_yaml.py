from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.app.strict_yaml import DEEPEST, LARGEST, Finding, UnreadableError, read_yaml


def refused(text: str) -> Finding:
    with pytest.raises(UnreadableError) as caught:
        read_yaml("x.yaml", text)
    return caught.value.finding


def found(text: str) -> tuple[int, int, str]:
    _, [finding] = read_yaml("x.yaml", text)
    return finding.line, finding.column, finding.what


def test_nothing_is_typed_so_codes_and_words_stay_as_written() -> None:
    doc, findings = read_yaml("x.yaml", "a: 0533\nb: no\nc: 12:30\nd: 7.73012E+14\ne:\nf: ~\n")
    assert doc.value == {"a": "0533", "b": "no", "c": "12:30", "d": "7.73012E+14", "e": "", "f": "~"}
    assert findings == []


def test_every_value_and_key_knows_its_line_and_column() -> None:
    doc, _ = read_yaml("x.yaml", "# 临淄\n临淄:\n  - {id: 1, 名: 凤凰镇}\n")
    assert doc.marks[("临淄", 0)] == (3, 5)
    assert (doc.keys[("临淄", 0, "名")], doc.marks[("临淄", 0, "名")]) == ((3, 13), (3, 16))


def test_a_finding_at_an_absent_value_points_to_what_should_hold_it() -> None:
    doc, _ = read_yaml("x.yaml", "a:\n  b: 1\n")
    finding = doc.at(("a", "missing", 3), "what", "remedy")
    assert (finding.line, finding.column) == (2, 3)


def test_a_second_value_for_a_key_is_found_and_the_first_stands() -> None:
    doc, [finding] = read_yaml("x.yaml", "a: 1\nb: 2\na: 3\n")
    assert doc.value == {"a": "1", "b": "2"}
    assert (finding.line, finding.column, finding.what) == (3, 1, "key 'a' is already given at line 1")


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("a: &x 1", 1, 4, "anchor &x"),
        ("a:\n  - *x", 2, 5, "alias *x"),
        ("a: !!python/object:os.system {}", 1, 4, "tag tag:yaml.org,2002:python/object:os.system"),
        ("&k a: 1", 1, 1, "anchor &k"),
        ("a: 1\n---\nb: 2", 2, 1, "a second document"),
    ],
)
def test_yaml_magic_is_found_where_it_stands(text: str, line: int, column: int, what: str) -> None:
    assert found(text)[:2] == (line, column)
    assert found(text)[2].startswith(what)


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("", 1, 1, "empty"),
        ("# only a comment\n", 1, 1, "empty"),
        ("a:\n\tb: 1", 2, 1, "a tab"),
        ("a: [1, 2", 1, 9, "not YAML"),
        ("a: 1\n b: 2", 2, 3, "not YAML"),
        ("a: b: c", 1, 5, "not YAML"),
        ("b: 1\na: \x07", 2, 4, "U+0007"),
        ("? [a]\n: b", 1, 3, "a key must be a text"),
        ('a: "\\UFFFFFFFF"', 1, 1, "impossible"),
        ("[" * 100_000, 1, DEEPEST + 2, "nested deeper"),
        ("a" * (LARGEST + 1), 1, 1, "too large"),
    ],
)
def test_a_text_without_content_says_where_and_why(text: str, line: int, column: int, what: str) -> None:
    finding = refused(text)
    assert (finding.line, finding.column) == (line, column)
    assert what in finding.what


def test_a_problem_is_safe_to_print_whatever_the_file_holds() -> None:
    hostile = Finding("x.yaml", 1, 1, "key '\x1b[2J\ud800" + "x" * 9000, "r\nr").problem("here")
    assert str(hostile).replace("\n  ", "").isprintable()
    assert len(str(hostile)) < 400


@given(st.text(alphabet="ab:- \n\t[]{},&*!?|>'\"%#@\\0\x00\u2028\ud800é凤", max_size=60))
def test_any_text_is_content_or_a_finding(text: str) -> None:
    try:
        doc, findings = read_yaml("x.yaml", text)
    except UnreadableError as error:
        findings = [error.finding]
    else:
        assert () in doc.marks
    assert all(finding.line >= 1 and finding.column >= 1 and finding.remedy for finding in findings)
