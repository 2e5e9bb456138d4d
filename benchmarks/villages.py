"""Networks of any size with generated names, their table, plan and addresses; the same for the same size."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from random import Random

from sorter.flow import Direction, Service
from sorter.network import Network, Place, Surroundings
from sorter.plan import Plan, Rule

SIZES = (468, 62_074, 620_573)
"""Villages of one district, one province, the whole country."""

VILLAGES_A_TOWN = {468: 39, 62_074: 33, 620_573: 15}
TOWNS_A_CHUTE = 24
COURIERS = ("jt", "sto", "yunda", "zto", "yto", "sf", "post")
FIRST = "东西南北大小前后上下"
SECOND = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
THIRD = "家庄营屯寨沟桥店铺楼河湾坡岭台山井泉庙堂"
HEAD = "河东省淮海市云中区"
TAILS = ("12号", "村西头", "东街18号", "3组", "卫生室")


def table(count: int) -> str:
    """The CSV of the public table's columns: this many villages, towns of `VILLAGES_A_TOWN`."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("town_code", "town_name", "village_code", "village_name"))
    names = village_names()
    per_town = VILLAGES_A_TOWN.get(count, 15)
    for number, name in zip(range(count), names, strict=False):
        town = number // per_town
        code = f"{town:09d}"
        writer.writerow((code, f"{town_name(town)}镇", f"{code}{number % per_town:03d}", f"{name}村委会"))
    return text.getvalue()


def village_names() -> Iterator[str]:
    """Stems of two to four characters in an order without an end; they come again after 640,000."""
    stems = ["".join(parts) for parts in product(FIRST, SECOND, THIRD)]
    stems += ["".join(parts) for parts in product(SECOND, THIRD)]
    stems += ["".join(parts) for parts in product(FIRST, SECOND, THIRD, SECOND[:8] + THIRD)]
    order = Random(7)
    while True:
        order.shuffle(stems)
        yield from stems


def town_name(number: int) -> str:
    """A name of three characters, another for each number below 64,000."""
    forty = SECOND
    return forty[number % 40] + forty[number // 40 % 40] + forty[number // 1600 % 40]


def network_of(text: str) -> Network:
    """The table compiled."""
    places = [Place("D", "云中区", "district", "")]
    town = ""
    for town_code, name, code, village in csv.reader(io.StringIO(text)):
        if town_code == "town_code":
            continue
        if town_code != town:
            town = town_code
            places.append(Place(town, name, "town", town))
        places.append(Place(code, village, "village", town))
    return Network(tuple(places), {}, Surroundings("河东省", "淮海市"))


def plan_of(network: Network) -> Plan:
    """Every town's parcels go to one of 24 chutes, behind rules over courier, direction and service."""
    towns = [town.code for town in network.towns]
    none = frozenset[str]()
    plain = Rule("cold", none, frozenset(), frozenset({Service.COLD}), none, none, (24,), False)
    down, upward = frozenset({Direction.DOWN}), frozenset({Direction.UP})
    rules = [
        plain,
        *(
            replace(plain, id=f"up-{key}", couriers=frozenset({key}), directions=upward, services=frozenset())
            for key in COURIERS
        ),
        *(
            replace(plain, id=f"r{n}", directions=down, services=frozenset(), towns=there, chutes=(n,))
            for n in range(TOWNS_A_CHUTE)
            if (there := frozenset(towns[n::TOWNS_A_CHUTE]))
        ),
    ]
    return Plan("benchmark", tuple(rules), {})


@dataclass(frozen=True, slots=True)
class Asked:
    """An address and the code of the village that it means."""

    address: str
    village: str


def addresses(network: Network, count: int) -> list[Asked]:
    """Full addresses of villages by chance."""
    order = Random(3)
    villages = [place for place in network.places if place.level == "village"]
    asked = []
    for village in order.choices(villages, k=count):
        town = network.find(village.town)
        assert town
        name = village.name.removesuffix("委会")
        asked.append(Asked(f"{HEAD}{town.name}{name}{order.choice(TAILS)}", village.code))
    return asked
