from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorter.codec import KINDS, CodecError, Started, Value, decode, encode
from sorter.flow import UNGRADED, Advised, CodeRead, Command, FrameRead, FrameTag, Inducted, PackCommand


def all_fields(kind: type) -> dict[str, st.SearchStrategy[Any]]:
    """Also those that have a default, which `st.builds` would leave alone."""
    hints = get_type_hints(kind)
    return {field.name: st.from_type(hints[field.name]) for field in fields(kind)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_comes_back_equal_from_json(kind: type) -> None:
    @settings(max_examples=40)
    @given(st.builds(kind, **all_fields(kind)))
    def law(value: Value) -> None:
        again = decode(json.loads(json.dumps(encode(value))))
        assert again == value
        assert type(again) is kind

    law()


def test_the_written_form_is_the_class_name_and_the_bare_fields() -> None:
    corners = ((1, 2), (3, 4), (5, 6), (7, 8))
    read = FrameRead(5, FrameTag(0, 17, 99), (CodeRead("A1", "code128", corners, "zxing"),))
    assert json.dumps(encode(read)) == (
        '["FrameRead", 5, [0, 17, 99], '
        '[["A1", "code128", [[1, 2], [3, 4], [5, 6], [7, 8]], "zxing", '
        '[-1, -1, -1, -1, -1, -1]]], "", [], false]'
    )
    assert encode(Command(PackCommand.ABORT)) == ["Command", 8]


def test_fields_that_an_older_journal_lacks_take_their_defaults() -> None:
    assert decode(["Advised", 1, "7730", "sto", "370305101"]) == Advised(1, "7730", "sto", "370305101")
    corners = [[1, 2], [3, 4], [5, 6], [7, 8]]
    read = decode(["FrameRead", 5, [0, 17, 99], [["A1", "CODE128", corners, "zxing"]], ""])
    assert isinstance(read, FrameRead)
    assert (read.unread, read.judged, read.reads[0].grade) == ((), False, UNGRADED)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (["Teleported", 1], "'Teleported' is no kind"),
        ([["Inducted"], 1], "is no kind"),
        ([], "None is no kind"),
        ({"kind": "Inducted"}, "is not a list"),
        (None, "is not a list"),
        (["Inducted", 1, 2, 3], "Inducted: 3 items instead of 4 to 4"),
        (["Inducted", 1, 2, 3, 4, 5], "Inducted: 5 items instead of 4 to 4"),
        (["Inducted", 1, "2", 3, 4], "Inducted.pid: '2' is not of type int"),
        (["Inducted", 1, True, 3, 4], "Inducted.pid: True is not of type int"),
        (["Inducted", 1, 2.0, 3, 4], "Inducted.pid: 2.0 is not of type int"),
        (["ChuteChanged", 1, 2, 1], "ChuteChanged.full: 1 is not of type bool"),
        (["StateChanged", 1, 99], "StateChanged.state: 99 is no PackState"),
        (["StateChanged", 1, True], "StateChanged.state: True is no PackState"),
        (["StateChanged", 1, [6]], "StateChanged.state: [6] is no PackState"),
        (["FrameRead", 1, [0, 1], []], "FrameRead.tag: 2 items instead of 3 to 3"),
        (["FrameRead", 1, [0, 1, 2], "none"], "FrameRead.reads: 'none' is not a list"),
        (
            ["PlanOrdered", 1, ["v1", [["rest", [], [], [], [], [], ["3"], False]], []]],
            "PlanOrdered.plan.rules.chutes: '3' is not of type int",
        ),
        (
            ["FrameRead", 1, [0, 1, 2], [["A", "qr", [[1, 2]], "x"]]],
            "FrameRead.reads.corners: 1 items instead",
        ),
    ],
)
def test_malformed_data_is_refused_by_name(data: object, complaint: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode(data)
    assert complaint in str(caught.value)


ANY_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4)
)


@given(ANY_JSON)
def test_any_json_gives_a_value_or_a_codec_error(data: object) -> None:
    for kind in ("Inducted", "FrameRead", "ParcelRecord"):
        try:
            value = decode([kind, *data] if isinstance(data, list) else data)
        except CodecError:
            continue
        assert type(value) is KINDS[kind]


def test_started_keeps_the_configuration_texts() -> None:
    started = Started(1, 0, "2026-01-02", "linzi", "v1", (("line.yaml", "名: 凤凰镇\n"),))
    assert decode(json.loads(json.dumps(encode(started)))) == started


def test_a_value_is_told_from_its_kind_not_from_its_fields() -> None:
    assert decode(["Inducted", 1, 2, 3, 4]) == Inducted(1, 2, 3, 4)
    assert decode(["Triggered", 1, 2, 3, 4]) != Inducted(1, 2, 3, 4)
