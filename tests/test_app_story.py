from __future__ import annotations

from dataclasses import replace

from sorter.app.story import story
from sorter.codec import Started, Value
from sorter.flow import (
    REJECT,
    Advised,
    Answered,
    Assign,
    CodeRead,
    Decision,
    FrameRead,
    FrameTag,
    Grade,
    Inducted,
    InterceptSet,
    Left,
    NoRead,
    Outcome,
    ParcelRecord,
    Rebooted,
    Result,
    Triggered,
    Verdict,
    Why,
)
from tests.journals_made import CORNERS, READ, RECORD

WAYBILL = RECORD.waybill
CHUTES = {9: "9 朱台镇", REJECT: "异常口"}
TAG = FrameTag(0, 311, 88_000)
EAN = CodeRead("6901234567892", "EAN-13", CORNERS, "zxing")
NEIGHBOUR = CodeRead("YT0000000000001", "Code128", CORNERS, "zxing")
DECISION = Decision(
    17, 2_000_000, 9, 10, Why.ROUTED, WAYBILL, "sto", "370305101", "towns/3", "v1"
)  # fmt: skip

JOURNAL: list[Value] = [
    Started(1, 1, "2026-01-02", "linzi", "v1", ()),
    Advised(500_000, WAYBILL, "sto", "370305101"),
    Inducted(700_000, 16, 200, 70_000),
    Inducted(1_000_000, 17, 320, 80_000),
    Triggered(1_800_000, 0, 310, 86_000),
    Triggered(1_850_000, 0, 311, 88_000),
    FrameRead(1_900_000, FrameTag(0, 310, 86_000), (NEIGHBOUR,)),
    FrameRead(1_950_000, TAG, (READ, EAN, NEIGHBOUR)),
    DECISION,
    Assign(17, 9, 10, 99_000),
    Answered(2_100_000, 17, Verdict.TAKEN, 9, 90_000),
    Answered(2_150_000, 16, Verdict.TOO_LATE, 9, 90_000),
    Left(9_000_000, 17, Result.OK, 9, 99_000),
    replace(RECORD, reads=(READ, EAN)),
]


def test_the_whole_way_is_told_in_chinese() -> None:
    assert story(JOURNAL, WAYBILL, CHUTES) == [
        "包裹 17  运单 773012345678901",
        "     -0.500 s  0:00:00.500  预报：sto，目的地 370305101",
        "     +0.000 s  0:00:01.000  上线：长 320 mm，编码器 80000",
        "     +0.850 s  0:00:01.850  拍照：相机 0，第 311 张",
        "     +0.950 s  0:00:01.950  识读：773012345678901（Code128，zxing）",
        "     +0.950 s  0:00:01.950  同件其他码：6901234567892（EAN-13，zxing）",
        "     +1.000 s  0:00:02.000  决策：去 9 朱台镇，按方案进格；规则 towns/3，方案 v1",
        "     +1.000 s  0:00:02.000  下发：9 朱台镇，备用 格口 10，最晚编码器 99000",
        "     +1.100 s  0:00:02.100  PLC 应答：已接受",
        "     +8.000 s  0:00:09.000  离线：9 朱台镇；PLC 确认：按指令落格",
        "     +8.000 s  0:00:09.000  结果：已分拣——按方案进格",
    ]


def test_the_same_way_is_told_in_english() -> None:
    lines = story(JOURNAL, WAYBILL, {}, "en")
    assert lines[0] == "parcel 17  waybill 773012345678901"
    assert lines[6].endswith("decided: chute 9, routed by the plan; rule towns/3, plan v1")
    assert lines[-1].endswith("outcome: sorted - routed by the plan")


def test_a_code_that_was_not_chosen_finds_its_parcel_too() -> None:
    several = replace(
        RECORD, outcome=Outcome.SEVERAL_CODES, why=Why.SEVERAL_WAYBILLS, waybill="", reads=(READ, NEIGHBOUR)
    )
    journal = [*(value for value in JOURNAL[:-1] if value is not DECISION), several]
    for code in (READ.text, NEIGHBOUR.text):
        assert story(journal, code, CHUTES)[-1].endswith("结果：多码——一件上有多个运单号")


def test_the_same_waybill_twice_is_two_stories() -> None:
    lines = story(JOURNAL + JOURNAL, WAYBILL, CHUTES)
    assert [line for line in lines if not line.startswith(" ")] == ["包裹 17  运单 773012345678901"] * 2


def again(pid: int) -> list[Value]:
    """The same way once more, by another parcel, an hour later."""
    late = [replace(one, pid=pid) for one in JOURNAL if isinstance(one, _OF_17) and one.pid == 17]
    return [replace(one, left_us=3_609_000_000) if isinstance(one, ParcelRecord) else one for one in late]


_OF_17 = (Inducted, Decision, Assign, Answered, Left, ParcelRecord)


def test_a_parcel_names_the_one_before_it_of_its_waybill_and_the_first_names_none() -> None:
    lines = story([*JOURNAL, *again(18), *again(19)[:-1]], WAYBILL, CHUTES)
    assert [line for line in lines if "运单 " in line or "同一运单" in line] == [
        "包裹 17  运单 773012345678901",
        "包裹 18  运单 773012345678901",
        "  同一运单：包裹 17 也用过此单号，0:00:09.000 离线（9 朱台镇），已分拣",
        "包裹 19  运单 773012345678901",
        "  同一运单：包裹 18 也用过此单号，1:00:09.000 离线（9 朱台镇），已分拣",
    ]
    told = story([*JOURNAL, *again(18)], "", {}, "en", pid=18)
    assert told[1] == "  same waybill as parcel 17, which left at 0:00:09.000 by chute 9: sorted"


def test_no_waybill_is_no_link() -> None:
    told = story([UNREAD, Inducted(700_000, 18, 200, 70_000), replace(UNREAD, pid=18)], "", {}, "en", pid=18)
    assert told[0] == "parcel 18  waybill none" and "same waybill" not in "".join(told)


def test_a_parcel_on_the_belt_is_told_as_far_as_it_came() -> None:
    lines = story(JOURNAL[:10], WAYBILL, CHUTES)
    assert lines[-2:] == [
        "     +1.000 s  0:00:02.000  下发：9 朱台镇，备用 格口 10，最晚编码器 99000",
        "     +1.000 s  0:00:02.000  还在线上，没有结果",
    ]
    assert any("识读：773012345678901" in line for line in lines)


def test_what_happened_to_the_line_meanwhile_is_told() -> None:
    journal = [
        *JOURNAL[:10],
        InterceptSet(2_200_000, WAYBILL, held=True),
        Rebooted(3_000_000, 7),
        replace(RECORD, outcome=Outcome.UNKNOWN_AFTER_RESTART, why=Why.REBOOTED, left=REJECT),
        Rebooted(9_000_000, 8),
    ]
    assert [line.split("  ")[-1] for line in story(journal, WAYBILL, CHUTES)[-3:]] == [
        "设为拦截件",
        "PLC 重启",
        "结果：重启后不明——PLC 重启时在线上",
    ]


def test_an_unknown_waybill_is_answered_with_its_nearest() -> None:
    assert story(JOURNAL, "773012345678910", CHUTES) == [
        "没有运单 773012345678910 的包裹",
        "相近的运单：773012345678901",
    ]
    assert story(JOURNAL, "77301234567890", {}, "en")[1] == "nearest waybills: 773012345678901"
    assert story(JOURNAL, "SF1234567890123", {}, "en") == ["no parcel with waybill SF1234567890123"]


def test_a_waybill_that_was_only_advised_is_called_so() -> None:
    assert story(JOURNAL[:3], WAYBILL, {}, "en")[1] == "it was advised, but never seen on the line"


def test_hostile_codes_reach_no_terminal() -> None:
    hostile = replace(READ, text="A\x1b[31m\u202e\n" + "x" * 200)
    journal = [replace(RECORD, reads=(hostile, READ)) if value == JOURNAL[-1] else value for value in JOURNAL]
    journal[7] = FrameRead(1_950_000, TAG, (hostile, READ))
    lines = story(journal, WAYBILL, CHUTES)
    assert all(line.isprintable() for line in lines)
    assert "A\\x1b[31m\\u202e\\n" in "".join(lines)
    assert max(map(len, lines)) < 150
    assert story(journal, "\x1b]0;x\x07", {}, "en")[0].isprintable()


GRADED = replace(READ, grade=Grade(684, 401, 586, 712, 153, 20))
UNREAD = replace(
    RECORD, pid=16, outcome=Outcome.NO_READ, why=Why.NO_CODE, waybill="", reads=(), cause=NoRead.GLARE,
    pictures=(FrameTag(0, 310, 86_000),),
)  # fmt: skip


def test_a_graded_read_tells_how_good_it_looked() -> None:
    picture, record = FrameRead(1_950_000, TAG, (GRADED,)), replace(RECORD, reads=(GRADED,))
    journal = [*JOURNAL[:6], picture, *JOURNAL[8:-1], record]
    told = "\n".join(story(journal, WAYBILL, CHUTES, "en"))
    assert "quality: contrast 68 %, edges 40 %, modulation 58 %, decodability 71 %" in told


def test_a_parcel_without_a_waybill_is_found_by_its_number_with_cause_and_picture() -> None:
    journal = [*JOURNAL[:6], FrameRead(1_900_000, FrameTag(0, 310, 86_000), ()), UNREAD]
    told = story(journal, "", CHUTES, "en", pid=16, kept=lambda tag: f"kept/{tag.frame}.jpg")
    assert told[0] == "parcel 16  waybill none"
    assert [line for line in told if "read: nothing - glare" in line]
    assert told[-1].endswith("picture: kept/310.jpg")
    assert story(journal, "", CHUTES, "en", pid=99) == ["no parcel with number 99"]
