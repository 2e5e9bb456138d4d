from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.flow import CodeRead, Why
from sorter.waybill import LONGEST, Choice, Courier, Couriers, Pattern, choose, s10_valid

DAY = "2024-06-18"
COURIERS = Couriers(
    (Courier("jt", "极兔速递", "J&T Express"), Courier("sto", "申通快递", "STO Express"),
     Courier("yunda", "韵达快递", "Yunda Express"), Courier("post", "中国邮政", "China Post")),
    (Pattern("jt", r"JT\d{13}", "2022-10-01", ""), Pattern("sto", "(77|43)[0-9]{12,15}", "", ""),
     Pattern("yunda", "[34][0-9]{14}", "", ""), Pattern("post", "[189][0-9]{12}", "", "2024-12-31"),
     Pattern("post", "[A-Z]{2}[0-9]{9}CN", "", "")),
)  # fmt: skip
JT, JT2, BOTH = "JT1234567890123", "JT9999999999999", "431234567890123"


def seen(*texts: str, symbology: str = "Code 128") -> list[CodeRead]:
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    return [CodeRead(text, symbology, corners, "test") for text in texts]


def chosen(*reads: CodeRead, advised: dict[str, str] | None = None) -> Choice:
    return choose(reads, COURIERS, advised or {}, DAY)


def test_the_one_waybill_is_chosen_among_several_codes() -> None:
    assert chosen(*seen("BAG-77", JT, "https://example.com/" + JT)) == Choice(Why.ROUTED, JT, "jt")


def test_the_same_waybill_printed_twice_is_one_waybill() -> None:
    assert chosen(*seen(JT), *seen(JT, symbology="QR Code")).why is Why.ROUTED


def test_nothing_read_differs_from_nothing_useful_read() -> None:
    assert chosen() == Choice(Why.NO_CODE, "", "")
    assert chosen(*seen("hello")) == Choice(Why.NO_WAYBILL, "", "")


def test_two_waybills_on_one_parcel_are_an_exception_even_when_one_is_advised() -> None:
    assert chosen(*seen(JT, JT2), advised={JT: "jt"}) == Choice(Why.SEVERAL_WAYBILLS, "", "")


@pytest.mark.parametrize("symbology", ["EAN-13", "EAN13", "UPC-A", "ISBN"])
def test_a_shops_goods_number_is_no_waybill_though_it_has_the_form_of_one(symbology: str) -> None:
    assert chosen(*seen("9787111213826", symbology=symbology)).why is Why.NO_WAYBILL
    assert chosen(*seen("9787111213826")).why is Why.ROUTED


def test_an_ambiguous_number_follows_the_manifest_and_is_otherwise_an_exception() -> None:
    assert chosen(*seen(BOTH)) == Choice(Why.AMBIGUOUS_COURIER, BOTH, "")
    assert chosen(*seen(BOTH), advised={BOTH: "yunda"}) == Choice(Why.ROUTED, BOTH, "yunda")
    assert chosen(*seen(BOTH), advised={BOTH: "sto"}) == Choice(Why.ROUTED, BOTH, "sto")


def test_a_manifest_that_names_a_courier_whose_format_does_not_fit_decides_nothing() -> None:
    assert chosen(*seen(BOTH), advised={BOTH: "jt"}).why is Why.AMBIGUOUS_COURIER


def test_a_format_holds_from_its_first_to_its_last_day() -> None:
    days = ("2022-09-30", "2022-10-01", "2024-12-31", "2025-01-01")
    assert [COURIERS.matching(JT, day) for day in days] == [(), ("jt",), ("jt",), ("jt",)]
    assert [COURIERS.matching("9123456789012", day) for day in days[2:]] == [("post",), ()]


def test_only_ascii_digits_are_digits() -> None:
    assert COURIERS.matching("JT123456789012３", DAY) == ()


@pytest.mark.parametrize("text", [JT + "\n", "\x1d" + JT, " " + JT, JT + "0", JT.lower(), "x" * 5000, ""])
def test_a_text_must_match_as_a_whole(text: str) -> None:
    assert chosen(*seen(text)).why is Why.NO_WAYBILL


def test_a_text_beyond_the_length_limit_matches_nothing() -> None:
    loose = Couriers(COURIERS.couriers, (Pattern("jt", "[0-9]{1,99}", "", ""),))
    assert loose.matching("1" * LONGEST, DAY) == ("jt",)
    assert loose.matching("1" * (LONGEST + 1), DAY) == ()


def test_an_ems_number_counts_only_with_a_right_check_digit() -> None:
    # 8*1+6*2+4*3+2*4+3*5+5*6+9*7+7*8 = 204; 204 mod 11 = 6; 11 - 6 = 5.
    assert chosen(*seen("EA123456785CN")) == Choice(Why.ROUTED, "EA123456785CN", "post")
    assert chosen(*seen("EA123456784CN")).why is Why.NO_WAYBILL


def test_s10_check_digits_ten_and_eleven_become_zero_and_five() -> None:
    # 7*8 = 56 = 5*11 + 1: check 10 -> 0. All zero: check 11 -> 5.
    assert s10_valid("RB000000080GB")
    assert s10_valid("RB000000005GB")
    assert s10_valid("RB123456785GB")
    assert not s10_valid("RB12345678５GB")


@given(st.from_regex(r"[A-Z]{2}[0-9]{8}[A-Z]{2}", fullmatch=True))
def test_exactly_one_check_digit_makes_an_s10_number_valid(text: str) -> None:
    assert sum(s10_valid(f"{text[:10]}{digit}{text[10:]}") for digit in range(10)) == 1


@given(st.lists(st.text(max_size=80) | st.sampled_from([JT, JT2, BOTH]), max_size=6))
def test_the_choice_does_not_depend_on_the_order_of_the_reads(texts: list[str]) -> None:
    reads = seen(*texts)
    assert chosen(*reads) == chosen(*reversed(reads)) == chosen(*reads, *reads)


def test_a_couriers_name_is_shown_in_both_languages() -> None:
    assert COURIERS.name("jt") == "极兔速递 J&T Express"
    assert COURIERS.name("unknown") == "unknown"
