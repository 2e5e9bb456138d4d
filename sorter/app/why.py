"""Every step of one parcel's decision in words: whose waybill, who says where, which rule, which chutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sorter.addresses import Resolved
from sorter.app.address_texts import ADDRESS_WHYS, AUTHORITIES, LEVELS, said
from sorter.app.findings import Text
from sorter.app.manifest import maps_of
from sorter.app.texts import text
from sorter.destinations import Destination, Known, Step, destination
from sorter.flow import Advised, CodeRead, Direction, Service, Why
from sorter.hub import Hub
from sorter.network import Network
from sorter.plan import Around, Ruled, decide
from sorter.waybill import Choice, choose


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about. waybill or address may be ""; so may everything that is not known.

    dock  courier whose parcels are being unloaded; wave: the one that runs; length_mm: 0 = not measured
    """

    waybill: str
    courier: str
    known: Known
    direction: Direction = Direction.DOWN
    service: Service = Service.STANDARD
    inspected: bool = False
    dock: str = ""
    wave: str = ""
    length_mm: int = 0


def explain(hub: Hub, question: Question, on_date: str) -> tuple[list[str], bool]:
    """The story line by line, and whether it ends in a chute of its destination."""
    choice = _choice(hub, question, on_date)
    told = destination(question.known, choice.courier or question.courier, maps_of(hub, on_date))
    ruled = _ruled(hub, question, choice, told, on_date)
    lines = [*_courier_lines(hub, choice), *_steps(told, hub.network), *_rule_lines(hub, ruled)]
    return lines, ruled.why is Why.ROUTED


def _choice(hub: Hub, question: Question, on_date: str) -> Choice:
    """Whose parcel it is; an address alone is asked for the courier that was named."""
    if not question.waybill:
        return Choice(Why.ROUTED, "", question.courier)
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    advised = {question.waybill: question.courier} if question.courier else {}
    read = CodeRead(question.waybill, "Code 128", corners, "asked")
    return choose([read], hub.couriers, advised, on_date, question.dock)


def _ruled(hub: Hub, question: Question, choice: Choice, told: Destination, on_date: str) -> Ruled:
    """The controller's own decision on this parcel."""
    advised = None
    if len(told.steps) > 1 or told.place or told.unclear:
        courier = question.courier or choice.courier
        kind = (question.direction, question.service, told.unclear, question.inspected)
        advised = Advised(0, choice.waybill, courier, told.place, *kind)
    around = Around(on_date, question.wave, question.length_mm)
    return decide(choice, advised, question.known.held, hub.plan, hub.network, around)


def _courier_lines(hub: Hub, choice: Choice) -> Iterator[str]:
    if choice.waybill:
        name = hub.couriers.name(choice.courier) if choice.courier else str(_reason(choice.why))
        yield f"运单 waybill {choice.waybill}: {name}"


def _steps(told: Destination, network: Network) -> Iterator[str]:
    for number, step in enumerate(told.steps, start=1):
        yield f"{number}. {AUTHORITIES[step.authority]}: {said(step.detail)}{_goes_to(step, network)}"


def _goes_to(step: Step, network: Network) -> str:
    parts = [f" -> {place_name(network, step.place)}"] if step.place else []
    if step.candidates:
        names = "; ".join(place_name(network, code) for code in step.candidates)
        parts.append(f" ({Text('可能是', 'may be')}: {names})")
    return "".join(parts)


def _rule_lines(hub: Hub, ruled: Ruled) -> Iterator[str]:
    names = {chute.id: f"{chute.id} {chute.name_zh} {chute.name_en}" for chute in hub.layout.chutes}
    chutes = ", ".join(names[chute] for chute in ruled.chutes) or "异常口 exception end"
    yield f"方案 plan {hub.plan.version}: 规则 rule {ruled.rule_id or '-'}, {_reason(ruled.why)}"
    yield f"格口 chute: {chutes}{' (均衡 balanced)' if ruled.balance else ''}"


def _reason(why: Why) -> Text:
    return Text(text(why, "zh"), text(why, "en"))


def place_name(network: Network, code: str) -> str:
    """A place with its town and its code."""
    place = network.find(code)
    if place is None:
        return code
    town = network.find(place.town)
    above = f"{town.name} " if town and town is not place else ""
    return f"{above}{place.name} {code}"


def resolved_line(number: str, resolved: Resolved, network: Network) -> str:
    """One resolved address for a person."""
    places = [resolved.place] if resolved.place else list(resolved.candidates)
    names = "; ".join(place_name(network, code) for code in places) or "-"
    return f"{number}: {LEVELS[resolved.level]} | {names} | {ADDRESS_WHYS[resolved.why]}"


def resolved_row(number: str, resolved: Resolved) -> Mapping[str, object]:
    """One resolved address for a program: codes of the network, null where it must not be sorted."""
    return {
        "id": number,
        "level": resolved.level.value,
        "town": resolved.town or None,
        "village": resolved.village or None,
        "reason": resolved.why.value,
        "candidates": list(resolved.candidates),
    }
