"""A difference of two plans in words that somebody who tunes chutes can read aloud, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sorter.app.findings import Text
from sorter.app.plan_diff import Change, Way
from sorter.app.texts import text
from sorter.flow import REJECT, Direction, Service, Why
from sorter.hub import Hub
from sorter.plan import Plan

NAMED = 4
"""So many villages are named; of more, the number is told."""

DIRECTIONS: Mapping[Direction, Text] = {
    Direction.DOWN: Text("下行", "downstream"),
    Direction.UP: Text("上行", "upstream"),
    Direction.RETURN: Text("退件", "returns"),
}
SERVICES: Mapping[Service, Text] = {
    Service.STANDARD: Text("普通", "standard"),
    Service.COLD: Text("冷链", "cold chain"),
    Service.EMERGENCY: Text("应急", "emergency"),
    Service.PRODUCE: Text("农产品", "produce"),
}


def change_words(hub: Hub, change: Change, day: str = "") -> Text:
    """One line, as "朱台镇: 格口 7 -> 9; 57 个村居" and the same in English. day: what that day is called."""
    where, how_many = _where(hub, change)
    kinds = [_kind(hub, field, values) for field, values in change.kinds.items() if field != "direction"]
    if Direction.DOWN not in change.kinds.get("direction", (Direction.DOWN,)):
        kinds.insert(0, _joined(DIRECTIONS[one] for one in Direction if one in change.kinds["direction"]))
    zh = "".join((where.zh, *(f"（{kind.zh}）" for kind in kinds)))
    en = "".join((where.en, *(f" ({kind.en})" for kind in kinds)))
    old, new = _way(change.old), _way(change.new)
    tail = [how_many] if how_many else []
    if day:
        day_zh = "昨日" if day == "yesterday" else day
        tail.append(Text(f"{day_zh} {change.parcels} 件", f"{_many(change.parcels, 'parcel')} of {day}"))
    behind_zh = "".join(f"；{one.zh}" for one in tail)
    behind_en = "".join(f"; {one.en}" for one in tail)
    return Text(f"{zh}：格口 {old.zh} -> {new.zh}{behind_zh}", f"{en}: chute {old.en} -> {new.en}{behind_en}")


def other_changes(hub: Hub, old: Plan, new: Plan) -> list[Text]:
    """Changed exceptions, courier defaults and size classes, which have no places."""
    found = []
    for why in sorted({*old.exceptions, *new.exceptions}, key=lambda why: why.value):
        before, after = _exception(old, why), _exception(new, why)
        if before != after:
            zh, en = text(why, "zh"), text(why, "en")
            found.append(Text(f"{zh}：{before.zh} -> {after.zh}", f"{en}: {before.en} -> {after.en}"))
    for courier in sorted({*old.defaults, *new.defaults}):
        places = [_place_name(hub, plan.defaults.get(courier, "")) for plan in (old, new)]
        if places[0] != places[1]:
            name, way = hub.couriers.name(courier), " -> ".join(places)
            found.append(Text(f"{name} 地址不明的默认去向：{way}", f"{name}, default place: {way}"))
    if old.sizes != new.sizes:
        ways = " -> ".join(_sizes(plan) for plan in (old, new))
        found.append(Text(f"尺寸等级（mm）：{ways}", f"size classes (mm): {ways}"))
    return found


def _where(hub: Hub, change: Change) -> tuple[Text, Text | None]:
    villages = [place for place in map(hub.network.find, change.places) if place and place.level == "village"]
    if not change.places:
        return Text("不论目的地", "any place"), None
    count = Text(f"{len(villages)} 个村居", _many(len(villages), "village"))
    if not change.town:
        return Text("全部镇街", "every town"), count
    town = _place_name(hub, change.town)
    if change.town in change.places:
        return Text(town, town), count
    names = "、".join(place.name for place in villages[:NAMED])
    more_zh, more_en = ("等", " and others") if len(villages) > NAMED else ("", "")
    if not villages:
        names = "、".join(_place_name(hub, code) for code in change.places[:NAMED])
    return Text(f"{town} {names}{more_zh}", f"{town} {names}{more_en}"), count


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _kind(hub: Hub, field: str, values: Sequence[object]) -> Text:
    if field == "courier":
        return _joined(Text(*_courier(hub, str(value))) for value in values)
    if field == "service":
        return _joined(SERVICES[one] for one in Service if one in values)
    if field == "inspected":
        return Text("已安检", "inspected") if values == (True,) else Text("未安检", "not inspected")
    labels = {"size": ("尺寸", "size"), "wave": ("波次", "wave"), "operator": ("运营方", "operator")}
    zh, en = labels[field]
    words = "/".join(str(value) or "-" for value in values)
    return Text(f"{zh} {words}", f"{en} {words}")


def _courier(hub: Hub, key: str) -> tuple[str, str]:
    found = next((one for one in hub.couriers.couriers if one.key == key), None)
    return (found.name_zh, found.name_en) if found else (key, key)


def _way(way: Way) -> Text:
    chutes, shares = way
    if not chutes:
        return Text("无规则（异常）", "no rule (exception)")
    sharing = " + ".join(map(str, chutes[: max(shares, 1)]))
    behind = ", ".join(map(str, chutes[max(shares, 1) :]))
    if not behind:
        return Text(sharing, sharing)
    return Text(f"{sharing}（满后 {behind}）", f"{sharing} (then {behind})")


def _exception(plan: Plan, why: Why) -> Text:
    chute = plan.exception_chute(why)
    if chute == REJECT:
        return Text("异常口", "exception end")
    return Text(f"格口 {chute}", f"chute {chute}")


def _sizes(plan: Plan) -> str:
    return ", ".join(f"{name} <= {most}" for name, most in plan.sizes) or "-"


def _place_name(hub: Hub, code: str) -> str:
    place = hub.network.find(code)
    return place.name if place else code or "-"


def _joined(texts: Iterable[Text]) -> Text:
    words = list(texts)
    return Text("、".join(one.zh for one in words), ", ".join(one.en for one in words))
