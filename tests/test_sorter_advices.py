"""What is remembered of advice is what one dict would hold that forgets its oldest; no part grows large."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorter.advices import BOOKS, Advices
from sorter.flow import Advised


def word(waybill: int, at_us: int = 0) -> Advised:
    return Advised(at_us, f"JT{waybill:013d}", "jt", "V1")


def told(advices: dict[str, Advised], advised: Advised, kept: int) -> bool:
    """The law: one dict."""
    advices.pop(advised.waybill, None)
    advices[advised.waybill] = advised
    if len(advices) <= kept:
        return False
    del advices[next(iter(advices))]
    return True


@given(st.integers(1, 70), st.lists(st.integers(0, 99), max_size=300), st.integers(0, 300))
def test_the_newest_word_on_each_waybill_is_remembered_and_the_oldest_forgotten(
    kept: int, waybills: list[int], cut: int
) -> None:
    law, advices = dict[str, Advised](), Advices(kept)
    for at_us, waybill in enumerate(waybills):
        if at_us == cut:
            advices = Advices(kept, tuple(advices.oldest_first()))
        advised = word(waybill, at_us)
        assert advices.tell(advised) == told(law, advised, kept)
        assert len(advices) == len(law)
    assert list(advices.oldest_first()) == list(law.values())
    assert list(advices) == list(law)
    for waybill in range(100):
        assert advices.get(word(waybill).waybill) == law.get(word(waybill).waybill)


def test_words_that_are_told_anew_for_ever_leave_few_and_small_parts() -> None:
    """One word of each part is never told anew: without care there would be as many parts as such words."""
    kept = 640
    advices, law = Advices(kept), dict[str, Advised]()
    for at_us in range(40_000):
        waybill = at_us // 41 if at_us % 41 == 0 and at_us < 41 * 600 else 10_000 + at_us % 39
        told(law, word(waybill, at_us), kept)
        advices.tell(word(waybill, at_us))
    assert list(advices.oldest_first()) == list(law.values())
    parts = [advices._oldest, *advices._books]
    assert len(parts) <= 2 * BOOKS + 1
    assert max(map(len, parts)) <= kept // BOOKS
