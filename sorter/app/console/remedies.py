"""What a person does with a parcel that was not sorted, by how its way ended. Data only."""

from __future__ import annotations

from collections.abc import Mapping

from sorter.app.texts import Text
from sorter.flow import Outcome

_CODE = Text(
    "从异常口取下，在“人工补码”扫运单、输短码，再放回上件口",
    "take it from the exception end, scan it and type its short code on screen 4, put it on the infeed",
)
_AGAIN = Text("从异常口取下，放回上件口", "take it from the exception end, put it on the infeed again")
_LOOK = Text("在线上和袋里找这一件，放回上件口", "look for it at the line and in the bags, re-induct it")

REMEDIES: Mapping[Outcome, Text] = {
    Outcome.SORTED: Text("不用处理", "nothing to do"),
    **dict.fromkeys((Outcome.NO_READ, Outcome.NO_ROUTE, Outcome.AMBIGUOUS_ADDRESS), _CODE),
    **dict.fromkeys((Outcome.AMBIGUOUS_COURIER, Outcome.SEVERAL_CODES), _CODE),
    Outcome.INTERCEPTED: Text("单独放开，交拦截的人处理", "keep it apart for whoever had it held"),
    Outcome.CHUTE_FULL: Text("先给格口换袋，再放回上件口", "change the chute's bag, then re-induct it"),
    Outcome.CHUTE_LOCKED: Text("格口解锁后放回上件口", "unlock the chute, then put it on the infeed"),
    **dict.fromkeys((Outcome.TOO_LATE, Outcome.DIVERT_FAILED, Outcome.PURGED), _AGAIN),
    **dict.fromkeys((Outcome.GAP_TOO_SMALL, Outcome.MERGED), _AGAIN),
    **dict.fromkeys((Outcome.STRAY, Outcome.UNKNOWN_AFTER_RESTART), _AGAIN),
    **dict.fromkeys((Outcome.MISDIVERTED, Outcome.LOST), _LOOK),
}
