"""The figures that close a run, each with its denominator: one list for the table, the page and --json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sorter.app.tally import Tally, percentile
from sorter.app.texts import text
from sorter.flow import OUTCOME_OF, REJECT, NoRead, Outcome, ParcelRecord, Us, Why
from sorter.hub import Hub

if TYPE_CHECKING:
    from sim.judge import Judgement

UNKNOWN = "—"
HOUR_US: Us = 3_600_000_000
_WITHOUT_WAYBILL = frozenset({Outcome.SEVERAL_CODES, Outcome.AMBIGUOUS_COURIER})
"""Outcomes of parcels that were read although no one waybill stands in their record."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run.

    key     stable; a unit that is not parcels ends it; `outcome/reason` = how many of that outcome
    value   for people; — when it cannot be known here
    base    the denominator, or what it was measured on, in words; "" = none
    amount  the same as a number, None = not known; of = the denominator as a number, None = none
    """

    key: str
    zh: str
    en: str
    value: str
    base: str
    amount: int | None = None
    of: int | None = None

    @property
    def is_part(self) -> bool:
        """It divides the figure before it."""
        return "/" in self.key


def run_figures(tally: Tally, judgement: Judgement | None, hub: Hub) -> list[Figure]:
    """Every closing figure of a run, in reading order. judgement None: nobody knows the truth here.

    Shares are rounded down to 0.01 %, so that 100.00 % means all; times to ms, against us.
    """
    own = [record for record in tally.records if record.pid]
    return [
        Figure("inducted", "上件", "inducted", f"{tally.inducted:,}", "", tally.inducted),
        *_ends(tally, own),
        *_judged(tally, judgement, own),
        *_times(tally),
        _throughput(tally, own),
        _conserved(tally, own),
    ]


def as_dict(figures: Sequence[Figure]) -> dict[str, dict[str, str | int | None]]:
    """The same for a program: key -> amount, of (denominator), and the texts people see."""
    return {
        one.key: {
            "amount": one.amount,
            "of": one.of,
            "value": one.value,
            "base": one.base,
            "zh": one.zh,
            "en": one.en,
        }
        for one in figures
    }


def share(part: int, whole: int) -> str:
    """`186 (93.00 %)`, rounded down; without a share when there is nothing to be a share of."""
    if whole <= 0:
        return f"{part:,}"
    return f"{part:,} ({percent(part, whole)})"


def percent(part: int, whole: int) -> str:
    """`93.00 %`, rounded down: 99.999 % is not 100 %. whole > 0."""
    hundredths = 10_000 * part // whole
    return f"{hundredths // 100}.{hundredths % 100:02} %"


def _ends(tally: Tally, own: Sequence[ParcelRecord]) -> Iterator[Figure]:
    """How the parcels' ways ended. A stray has no parcel of its own: it is no share of the inducted."""
    outcomes = Counter(record.outcome for record in own)
    whys = Counter(record.why for record in own)
    strays = len(tally.records) - len(own)
    yield _end(Outcome.SORTED, outcomes, tally.inducted)
    if whys[Why.ROUTED_ALTERNATE]:
        yield _part(Why.ROUTED_ALTERNATE, whys, outcomes)
    for outcome, _ in sorted(outcomes.items(), key=lambda item: -item[1]):
        if outcome not in (Outcome.SORTED, Outcome.MISDIVERTED):
            yield _end(outcome, outcomes, tally.inducted)
            yield from (_part(why, whys, outcomes) for why in _reasons(outcome) if whys[why])
            if outcome is Outcome.NO_READ:
                yield from _causes(own, outcomes)
    yield _end(Outcome.MISDIVERTED, outcomes, tally.inducted)
    yield Figure("strays", "游离件", "strays", f"{strays:,}", "不在上件之内 not among the inducted", strays)


def _reasons(outcome: Outcome) -> list[Why]:
    """The reasons of an outcome; none when there is only one, which would say the same again."""
    reasons = [why for why in Why if OUTCOME_OF[why] is outcome]
    return reasons if len(reasons) > 1 else []


def _end(outcome: Outcome, counts: Counter[Outcome], inducted: int) -> Figure:
    return _share(outcome.value, outcome, counts[outcome], inducted, f"{inducted:,} 上件 inducted")


def _part(why: Why, counts: Counter[Why], outcomes: Counter[Outcome]) -> Figure:
    outcome = OUTCOME_OF[why]
    base = f"{outcomes[outcome]:,} {text(outcome, 'zh')} {text(outcome, 'en')}"
    return _share(f"{outcome.value}/{why.value}", why, counts[why], outcomes[outcome], base)


def _causes(own: Sequence[ParcelRecord], outcomes: Counter[Outcome]) -> Iterator[Figure]:
    """Why nothing was read, by the pixels; those of which nobody can tell are left out."""
    causes = Counter(record.cause for record in own if record.cause is not NoRead.NONE)
    unread = outcomes[Outcome.NO_READ]
    base = f"{unread:,} {text(Outcome.NO_READ, 'zh')} {text(Outcome.NO_READ, 'en')}"
    for cause, count in causes.most_common():
        key = f"{Outcome.NO_READ.value}/{cause.value}"
        yield _share(key, cause, count, unread, base)


def _share(key: str, name: Outcome | Why | NoRead, part: int, whole: int, base: str) -> Figure:
    return Figure(key, text(name, "zh"), text(name, "en"), share(part, whole), base, part, whole)


def _judged(tally: Tally, judgement: Judgement | None, own: Sequence[ParcelRecord]) -> Iterator[Figure]:
    """Reading and sorting against the truth, as far as it is known."""
    yield _missorts(tally, judgement)
    read = sum(bool(record.waybill) or record.outcome in _WITHOUT_WAYBILL for record in own)
    base = f"{tally.inducted:,} 上件 inducted"
    yield Figure("read", "读码率", "read rate", share(read, tally.inducted), base, read, tally.inducted)
    if judgement is not None:
        value = share(judgement.read, judgement.readable)
        base = f"{judgement.readable:,} 真值可读 readable by truth"
        yield Figure("readable-read", "可读面单读出", "readable labels read", value, base,
                     judgement.read, judgement.readable)  # fmt: skip
    yield _accuracy(tally, judgement, own)


def _missorts(tally: Tally, judgement: Judgement | None) -> Figure:
    if judgement is None:
        return Figure("mis-sorts", "错分", "mis-sorts", UNKNOWN, "此处无真值 no truth here")
    count = len(judgement.missorts)
    base = f"{tally.inducted:,} 上件，按真值 inducted, by truth"
    return Figure("mis-sorts", "错分", "mis-sorts", share(count, tally.inducted), base, count, tally.inducted)


def _accuracy(tally: Tally, judgement: Judgement | None, own: Sequence[ParcelRecord]) -> Figure:
    """Left by the told and right chute / (inducted - no-read - removed). Source: domain.md, "Facts".

    A held parcel that left by the security chute it was told counts, an exception at the belt's end does
    not. Nothing on this line reports a removal by an operator yet, so none is taken off. Without truth
    only the told chute counts, and the base says so.
    """
    as_told = [record for record in own if _left_as_told(record)]
    no_reads = sum(record.outcome is Outcome.NO_READ for record in own)
    right = len(as_told) - (_wrong(judgement, own) if judgement else 0)
    whole = tally.inducted - no_reads
    base = f"{whole:,} = {tally.inducted:,} 上件 inducted - {no_reads:,} 无码 no-read - 0 取走 removed"
    zh, en = "分拣准确率（指定且正确格口）", "sort accuracy (told and right chute)"
    if judgement is None:
        zh, en = "按指定格口落格率（无真值）", "left by the told chute (not judged)"
    return Figure("accuracy", zh, en, share(right, whole), base, right, whole)


def _left_as_told(record: ParcelRecord) -> bool:
    by_chute = record.left != REJECT and record.left in (record.told, record.alternate)
    return by_chute and record.outcome is not Outcome.NO_READ


def _wrong(judgement: Judgement, own: Sequence[ParcelRecord]) -> int:
    """Mis-sorts among the parcels that left as told; one that cannot be told apart counts."""
    elsewhere = {record.waybill for record in own if not _left_as_told(record)}
    return sum(not elsewhere.intersection(missort.truth.waybills) for missort in judgement.missorts)


def _times(tally: Tally) -> Iterator[Figure]:
    pictures = f"{len(tally.vision_us):,} 张图 pictures"
    deadline = f"时限 deadline {tally.deadline_us // 1000:,} ms，{len(tally.decision_us):,} 件 parcels"
    yield from _delay("picture-answer", "拍照至读出", "picture to answer", tally.vision_us, pictures)
    yield from _delay("picture-decision", "拍照至判定", "picture to decision", tally.decision_us, deadline)
    least = min(tally.margin_us, default=None)
    base = f"{len(tally.margin_us):,} 件已指定格口 parcels told a chute"
    value = UNKNOWN if least is None else f"{least // 1000:,} ms"
    yield Figure("least-margin-us", "PLC 接单最小余量", "smallest margin at the PLC", value, base, least)


def _delay(key: str, zh: str, en: str, delays_us: Sequence[Us], base: str) -> Iterator[Figure]:
    """Median and 99th percentile of a delay, rounded up to ms."""
    for name, part in (("p50", 0.50), ("p99", 0.99)):
        delay_us = percentile(delays_us, part)
        amount = delay_us if delay_us >= 0 else None
        value = UNKNOWN if amount is None else f"{-(-amount // 1000):,} ms"
        yield Figure(f"{key}-{name}-us", f"{zh} {name}", f"{en} {name}", value, base, amount)


def _throughput(tally: Tally, own: Sequence[ParcelRecord]) -> Figure:
    """Recorded parcels per hour of line time, rounded down."""
    key, zh, en = "throughput-per-h", "处理量", "throughput"
    span_us = tally.last_us - tally.first_us if tally.first_us is not None else 0
    if span_us <= 0:
        return Figure(key, zh, en, UNKNOWN, "")
    rate = len(own) * HOUR_US // span_us
    base = f"{span_us / 1e6:,.1f} s，首件上件至末件记录 first induction to last record"
    return Figure(key, zh, en, f"{rate:,} 件/h", base, rate)


def _conserved(tally: Tally, own: Sequence[ParcelRecord]) -> Figure:
    """Every inducted parcel has ended in one outcome. amount 1 = yes, 0 = no."""
    yes = tally.inducted == len(own)
    value = f"{'是 yes' if yes else '否 no'}: {tally.inducted:,} {'=' if yes else '≠'} {len(own):,}"
    base = f"仍在线 still on the belt: {len(tally.open):,}" if tally.open else ""
    return Figure("conserved", "上件 = 各结果之和", "inducted = sum of outcomes", value, base, int(yes))
