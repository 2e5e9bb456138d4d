"""What the couriers' systems say of a stream of parcels, and when: in good time, or late by a fault."""

from __future__ import annotations

from collections.abc import Iterable

from sim.arrivals import Drawn, advice
from sim.faults import Faults
from sim.planned import Marked
from sorter.flow import Advised, InterceptSet, Us


def marked(drawn: Iterable[Drawn]) -> list[Marked]:
    """What faults know of these parcels, by number from 0 on."""
    return [Marked(one.truth.courier, one.truth.waybill) for one in drawn]


def told(
    drawn: Iterable[Drawn], faults: Faults
) -> tuple[list[Advised | InterceptSet], list[tuple[Us, Advised]]]:
    """What is known before the run begins, and the advice that comes in its course, in order of time.

    Intercepts are never late: they come from people who telephone.
    """
    early: list[Advised | InterceptSet] = []
    late: list[tuple[Us, Advised]] = []
    for one in drawn:
        delay_us = faults.advice_late_us(one.parcel.n, one.parcel.arr_us)
        for word in advice([one.truth]):
            if isinstance(word, Advised) and delay_us is not None:
                late.append((one.parcel.arr_us + delay_us, word))
            else:
                early.append(word)
    return early, sorted(late, key=lambda item: item[0])
