"""What a person's word on a parcel means: the same laws as for a code that a camera read, and its limits.

A word is obeyed while the parcel rides without an order; one that the machine was given an order for is
never steered anew, for the machine would refuse the second. A held waybill stays held, whoever codes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from sorter.flow import REJECT, Advised, Coded, CodeRead, Direction, Mark, Why
from sorter.network import Network
from sorter.parcels import OpenParcel
from sorter.plan import Around, Plan, Ruled, decide
from sorter.waybill import Choice, Couriers, choose

CODABLE = frozenset(
    {
        Why.NO_CODE, Why.NO_WAYBILL, Why.VISION_SILENT, Why.VISION_FAILED, Why.READ_AMBIGUOUS, Why.NO_ADVICE,
        Why.NO_RULE, Why.AMBIGUOUS_ADDRESS, Why.AMBIGUOUS_COURIER, Why.SEVERAL_WAYBILLS, Why.NO_LABEL,
        Why.LABEL_DAMAGED,
    }
)  # fmt: skip
"""Reasons to ride to the exception end that a person's word can mend."""

_MARKED: Mapping[Mark, Why] = {
    Mark.NO_LABEL: Why.NO_LABEL,
    Mark.DAMAGED: Why.LABEL_DAMAGED,
    Mark.SECURITY: Why.TO_SECURITY,
}
_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


@dataclass(frozen=True, slots=True)
class Known:
    """What the controller knows beside the parcel.

    dock  whose parcels are unloaded now, "" = several couriers'
    """

    network: Network
    couriers: Couriers
    plan: Plan
    advised: Mapping[str, Advised]
    held: Set[str]
    around: Around
    dock: str = ""


def whose(reads: Sequence[CodeRead], advised: Mapping[str, Advised]) -> dict[str, str]:
    """Waybill -> courier, as the manifests say, of what was read."""
    return {read.text: told.courier for read in reads if (told := advised.get(read.text)) is not None}


def may_code(parcel: OpenParcel | None) -> bool:
    """Whether a parcel waits for a person's word: without an order, for a reason a person can mend."""
    if parcel is None or parcel.closed or parcel.decision is None:
        return False
    return parcel.decision.chute == REJECT and parcel.decision.why in CODABLE


def ruled_by_hand(word: Coded, parcel: OpenParcel | None, known: Known) -> Ruled:
    """Where a person's word sends a parcel.

    What was read before the person spoke is kept: a place completes a waybill, a waybill an advice.
    """
    choice = _choice(word, parcel, known)
    if word.mark is not Mark.NONE:
        return _marked(word.mark, choice, known.plan)
    texts = [read.text for read in parcel.reads] if parcel is not None else []
    if held := next((text for text in (choice.waybill, *texts) if text in known.held), ""):
        return decide(replace(choice, waybill=held), None, True, known.plan, known.network)
    advised = known.advised.get(choice.waybill)
    if word.place:
        advised = _to_place(word, choice.waybill, choice.courier, advised)
        choice = replace(choice, why=Why.ROUTED)
    return decide(choice, advised, False, known.plan, known.network, known.around)


def advice(word: Coded, ruled: Ruled, known: Known) -> Advised | None:
    """What the word tells about the waybill's next lap; None when it names no waybill or no place."""
    if not (word.place and ruled.waybill and ruled.courier):
        return None
    return _to_place(word, ruled.waybill, ruled.courier, known.advised.get(ruled.waybill))


def _to_place(word: Coded, waybill: str, courier: str, before: Advised | None) -> Advised:
    """The advice that a person's place makes; what was advised of its handling stands."""
    told = before or Advised(0, waybill, courier, "")
    return replace(
        told, at_us=word.at_us, courier=courier, place=word.place, direction=Direction.DOWN, unclear=False
    )


def _choice(word: Coded, parcel: OpenParcel | None, known: Known) -> Choice:
    """Whose number it is: the one the person gave, else the one that was read."""
    if word.waybill:
        code = CodeRead(word.waybill, "Code 128", _CORNERS, "person")
        told = whose([code], known.advised)
        return choose([code], known.couriers, told, known.around.on_date, known.dock)
    before = parcel.decision if parcel is not None else None
    if before is None:
        return Choice(Why.NO_CODE, "", "")
    return Choice(before.why, before.waybill, before.courier)


def _marked(mark: Mark, choice: Choice, plan: Plan) -> Ruled:
    """A mark is the reason; only what is sent to security may leave by a chute, the one for held parcels."""
    chute = plan.exception_chute(Why.INTERCEPTED) if mark is Mark.SECURITY else REJECT
    chutes = () if chute == REJECT else (chute,)
    return Ruled(_MARKED[mark], choice.waybill, choice.courier, "", "", chutes, balance=False)
