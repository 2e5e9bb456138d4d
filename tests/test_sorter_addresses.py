from __future__ import annotations

import csv
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.address_names import stem_of
from sorter.addresses import Resolver
from sorter.app.config import load_hub
from sorter.network import Place
from sorter.words import LEVEL_OF, AddressLevel, AddressWhy
from tests.linzi import FOLDER
from tests.shared import shared

DAY = "2026-11-23"
NETWORK = load_hub(FOLDER).network
RESOLVER = Resolver(NETWORK, DAY)
HEAD = "山东省淄博市临淄区"
VILLAGES = [village for town in NETWORK.towns for village in NETWORK.villages(town.code)]
TAILS = ("", "12号", "村西头", "东街18号", "北头第二排", "中心大街路北", "新村小区3号楼1单元101", "***")
MUST_NOT = {"ambiguous", "out_of_area", "conflict", "none"}


def short(village: Place) -> str:
    """The name as people write it: with its 村 or 社区, without its committee."""
    return stem_of(village.name) + ("社区" if "社区" in village.name else "村")


def town_name(code: str) -> str:
    town = NETWORK.find(code)
    assert town
    return town.name


def by_name() -> dict[str, list[Place]]:
    found = defaultdict(list)
    for village in VILLAGES:
        found[short(village)].append(village)
    return found


NAMES = by_name()
HOMONYMS = {name: places for name, places in NAMES.items() if len(places) > 1}


def meant(address: str) -> str:
    """The town and the stem of the village that an address was resolved to, or the reason."""
    found = RESOLVER.resolve(address)
    if not found.village:
        return found.why.value
    village = NETWORK.find(found.village)
    assert village
    return f"{town_name(found.town)}/{stem_of(village.name)}"


def test_the_development_addresses_are_resolved_as_they_should_be() -> None:
    with shared("data", "addresses_dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    right: Counter[str] = Counter()
    for row in rows:
        found, level = RESOLVER.resolve(row["address"]), row["expected_level"]
        right["wrong town"] += bool(found.town) and found.town != row["expected_town_code"]
        right["village"] += level == "village" and found.village == row["expected_village_code"]
        right["town"] += level in ("village", "town") and found.town == row["expected_town_code"]
        right["rejected"] += level in MUST_NOT and not found.place
        right["level"] += found.level.value == level
        named = {code for code in row["candidate_village_codes"].split("|") if code}
        assert named <= set(found.candidates), row["address"]
    levels = Counter(row["expected_level"] for row in rows)
    assert right["wrong town"] == 0
    assert right["village"] >= 0.985 * levels["village"]
    assert right["town"] >= 0.998 * (levels["village"] + levels["town"])
    assert right["rejected"] >= 0.99 * sum(levels[level] for level in MUST_NOT)
    assert right["level"] >= 0.99 * len(rows)


def test_every_village_is_found_by_its_town_and_name_whatever_follows() -> None:
    for village in VILLAGES:
        for tail in TAILS:
            address = f"{HEAD}{town_name(village.town)}{short(village)}{tail}"
            assert RESOLVER.resolve(address).village == village.code, address


def test_a_name_that_only_one_town_has_needs_no_town() -> None:
    for name, places in NAMES.items():
        found = RESOLVER.resolve(f"{HEAD}{name}36号")
        if len(places) == 1:
            assert found.village == places[0].code, name


def test_the_eight_homonyms_are_refused_without_a_town_with_all_candidates() -> None:
    assert len(HOMONYMS) == 8
    for name, places in HOMONYMS.items():
        found = RESOLVER.resolve(f"{HEAD}{name}36号")
        assert (found.why, found.place) == (AddressWhy.HOMONYM, "")
        assert set(found.candidates) == {place.code for place in places}


@pytest.mark.parametrize(
    "area",
    ["", "山东省", "山东省淄博市", *NETWORK.around.neighbours, "山东淄博桓台", "广饶县李鹊镇",
     "山东省潍坊市青州市王母宫经济发展区", "淄博市高青县花沟镇", "江苏省张家港市", "北京市朝阳区",
     "内蒙古自治区通辽市科尔沁左翼中旗"],
)  # fmt: skip
def test_no_village_is_taken_for_its_namesake_in_another_area(area: str) -> None:
    for name in NAMES:
        assert RESOLVER.resolve(f"{area}{name}大集旁").place == "", name


def test_a_refused_namesake_names_the_village_here() -> None:
    found = RESOLVER.resolve("青州市高柳镇北赵家村老年活动中心旁")
    assert (found.why, found.candidates) == (AddressWhy.ELSEWHERE, ("370305103235",))


def test_a_village_of_another_town_than_named_is_a_conflict() -> None:
    for village in VILLAGES:
        named = {place.town for place in NAMES[short(village)]}
        for town in NETWORK.towns:
            if town.code not in named:
                found = RESOLVER.resolve(f"{HEAD}{town.name}{short(village)}1号院")
                assert (found.level, found.place) == (AddressLevel.CONFLICT, ""), (town.name, village.name)


@pytest.mark.parametrize(
    ("address", "village"),
    [
        ("山東省臨淄區鳳凰鎮東召村", "凤凰镇/东召"),
        ("敬仲镇杨官村", "敬仲镇/楊官"),
        ("山东淄博临淄金岭金岭二东首路南", "金岭镇/金岭二"),
        ("临淄区朱台镇西村", "朱台镇/朱台西"),
        ("临淄区金岭回族镇一村", "金岭镇/金岭一"),
        ("临淄区边河乡南术北村", "金山镇/南术北"),
        ("临淄区凤凰镇南王村", "凤凰镇/南王"),
        ("临淄区南王镇业旺东村", "金山镇/业旺东"),
        ("临淄齐都花园社区3号楼", "稷下街道/齐都花园"),
        ("山东淄博临淄辛店街村文化广场", "辛店街道/辛店街"),
        ("朱台镇淄博临淄朱台镇衙里村", "朱台镇/衙里"),
        ("王小明13812345678山东省淄博市临淄区凤凰镇东召村", "凤凰镇/东召"),
        ("临淄区稷下街道刘家庄", "稷下街道/刘家"),
        ("临淄区凤凰镇东召东街12号", "凤凰镇/东召"),
        ("临淄区凤凰镇东召北头", "凤凰镇/东召"),
        ("临淄区晏婴路215号勇士社区3号楼", "闻韶街道/勇士"),
        ("临淄区齐都镇果家村", "齐都镇/国家"),
        ("临淄区凤凰镇冠家村", "凤凰镇/寇家"),
        ("临淄区皇城镇顾六端村", "皇城镇/顾邵六端"),
        ("临淄区朱台镇杨家店村", "朱台镇/杨店"),
        ("临淄区齐都镇流家庄村", "齐都镇/刘家庄"),
        ("临淄区金岭镇金岭2村", "金岭镇/金岭二"),
        ("临淄区辛店街道办事处朱家村", "辛店街道/朱家"),
        ("临淄区稷下办事处徐家村", "稷下街道/徐家"),
        ("临淄区齐陵镇太平村", "齐陵街道/太平"),
        ("临淄区凤皇镇东召村", "凤凰镇/东召"),
        ("临淄区于家村（皇城镇）", "皇城镇/于家"),
        ("临淄区于家村（凤凰镇）", "name-in-several-towns"),
        ("临淄区凤皇镇金召村", "unknown-town-named"),
        ("临淄区东召村，朱台镇旁", "two-towns-named"),
        ("临淄区齐都镇殷家村", "village-of-another-town"),
        ("临淄区稷下街道刘家庄村", "village-of-another-town"),
        ("临淄区刘家庄", "name-in-several-towns"),
        ("临淄区凤凰镇金山镇东召村", "two-towns-named"),
        ("临淄区凤凰镇东召村朱台镇路口", "two-towns-named"),
        ("临淄区敬仲镇东姬村", "village-not-in-this-town"),
        ("临淄区金岭镇金岭七村", "village-not-in-this-town"),
        ("临淄区朱台镇南夏村", "village-not-in-this-town"),
        ("临淄区皇城镇于家沟村", "village-not-in-this-town"),
        ("临淄区凤凰镇南金路12号", "no-village-named"),
        ("临淄区凤凰镇东*村", "no-village-named"),
        ("临淄区金岭镇二组", "no-village-named"),
        ("临淄区闻韶路12号", "only-the-district-named"),
        ("临淄区李鹊镇东柳村", "unknown-town-named"),
        ("青岛凤凰镇东召村", "unknown-town-named"),
        ("张店区凤凰镇东召村", "another-district-named"),
        ("上海市金山区金山镇冯家村", "another-district-named"),
        ("顾邵六端村36号", "neither-district-nor-town-named"),
        ("370305109224", "no-place-named"),
        ("自提", "no-place-named"),
    ],
)
def test_what_people_write(address: str, village: str) -> None:
    assert meant(address) == village


def test_one_wrong_character_that_two_villages_of_the_town_explain_leaves_the_town() -> None:
    found = RESOLVER.resolve("临淄区齐都镇付加村")
    assert found.town == "370305100"
    neighbours = RESOLVER.resolve("临淄区朱台镇北糕村")
    assert (neighbours.village, neighbours.town) == ("", "370305104")


def test_every_reason_belongs_to_a_level() -> None:
    assert LEVEL_OF.keys() == set(AddressWhy)
    assert set(LEVEL_OF.values()) == set(AddressLevel)


villages = st.sampled_from(VILLAGES)
towns = st.sampled_from(NETWORK.towns)
noise = st.text("东西南北村庄社区路号临淄凤凰朱台家王刘镇街道 12*（）", max_size=12)


def widened(text: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in text)


@given(villages, noise, st.lists(st.tuples(st.integers(0, 40), st.sampled_from(" \t　-，/")), max_size=8))
def test_spacing_and_width_change_nothing(village: Place, tail: str, blanks: list[tuple[int, str]]) -> None:
    address = f"{HEAD}{town_name(village.town)}{short(village)}{tail}"
    spaced = address
    for at, blank in blanks:
        spaced = spaced[:at] + blank + spaced[at:]
    assert RESOLVER.resolve(spaced) == RESOLVER.resolve(address) == RESOLVER.resolve(widened(address))


@given(towns, noise)
def test_a_village_is_never_of_another_town_than_the_one_named(town: Place, rest: str) -> None:
    found = RESOLVER.resolve(f"{HEAD}{town.name}{rest}")
    assert found.town in ("", town.code)
    if found.village:
        assert NETWORK.town_of(found.village) == found.town


@given(st.text(max_size=30) | noise)
def test_any_text_has_an_answer_of_places_that_exist(text: str) -> None:
    found = RESOLVER.resolve(text)
    for code in (found.town, found.village, *found.candidates):
        assert not code or NETWORK.find(code)
    assert bool(found.town) == (found.level in (AddressLevel.VILLAGE, AddressLevel.TOWN))
    assert bool(found.village) == (found.level is AddressLevel.VILLAGE)
