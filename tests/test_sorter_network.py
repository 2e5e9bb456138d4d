from __future__ import annotations

import pytest

from sorter.network import Network, Place

DISTRICT = Place("370305", "临淄区", "district", "")
ZHUTAI = Place("370305104", "朱台镇", "town", "370305104")
NANWANG = Place("370305104201", "朱台南村", "village", "370305104")
QIDU = Place("370305100", "齐都镇", "town", "370305100")
NETWORK = Network((DISTRICT, ZHUTAI, NANWANG, QIDU))


def test_a_place_is_found_by_exactly_its_code() -> None:
    assert NETWORK.find("370305104201") == NANWANG
    assert NETWORK.find("37030510420") is None
    assert NETWORK.find("") is None


def test_a_village_and_a_town_lie_in_their_town_and_nothing_else_lies_in_one() -> None:
    codes = ("370305104201", "370305104", "370305", "unknown")
    assert [NETWORK.town_of(code) for code in codes] == ["370305104", "370305104", "", ""]


def test_towns_and_villages_keep_the_order_of_the_configuration() -> None:
    assert NETWORK.towns == (ZHUTAI, QIDU)
    assert NETWORK.villages("370305104") == (NANWANG,)
    assert NETWORK.villages("370305100") == NETWORK.villages("unknown") == ()


def test_two_places_with_one_code_are_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="one code"):
        Network((DISTRICT, DISTRICT))
