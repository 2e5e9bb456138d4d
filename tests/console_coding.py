"""What a person at the coding desk needs to know: which waybill to scan, and where its parcel went."""

from __future__ import annotations

from contextlib import suppress

from sorter.app.config import load_hub
from sorter.app.manifest import read_manifest
from sorter.flow import Advised, Coded, Decision, Direction, Left
from tests.console_site import ADMIN, Hub, wait
from tests.linzi import FOLDER as LINZI

HUB = load_hub(LINZI)


def where_it_left(site: Hub, waybill: str) -> Left | None:
    """Of the parcel that was coded with this waybill; None: the word came too late to be sent at all."""
    with suppress(AssertionError):
        wait(lambda: [one for one in site.journal(Coded) if one.waybill == waybill], "never journalled", 10)
    coded = [one for one in site.journal(Coded) if one.waybill == waybill]
    if not coded or coded[0].pid == 0:
        return None
    assert coded[0].by == ADMIN

    def left() -> list[Left]:
        return [one for one in site.journal(Left) if one.pid == coded[0].pid]

    wait(left, "the coded parcel never left")
    return left()[0]


def is_fresh(left: str) -> bool:
    """More than four seconds are left to code it."""
    return float(left.split()[1]) > 4


def a_waybill_for(site: Hub, chute: int) -> str:
    """One of the manifest that the plan sends to this chute, and that no parcel brought yet."""
    town = next(rule for rule in HUB.plan.rules if rule.chutes == (chute,)).towns
    words = read_manifest(site.folder / "line" / "manifest.csv", HUB).words
    seen = {one.waybill for one in site.journal(Decision)}
    return next(
        word.waybill for word in reversed(words)
        if isinstance(word, Advised) and word.direction is Direction.DOWN and word.service.value == "standard"
        and HUB.network.town_of(word.place) in town and word.waybill not in seen
    )  # fmt: skip
