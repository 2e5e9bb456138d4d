from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.address_edits import likelihood
from sorter.address_names import Grade, named_at, stem_of
from sorter.gazetteer import Gazetteer
from sorter.hanzi import Alike, alike, cleaned
from sorter.lexicon import Lexicon
from sorter.network import Network, Particulars, Place

TOWN = Place("T", "高山镇", "town", "T")
NORTH = Place("V1", "高山北村委会", "village", "T")
URBAN = Place("V2", "城关社区居委会", "village", "T")
RURAL = Place("V3", "城关村委会", "village", "T")
OLD = Place("V4", "小庙村委会", "village", "T")


def network(**about: Particulars) -> Network:
    return Network((Place("D", "云中区", "district", ""), TOWN, NORTH, URBAN, RURAL, OLD), about)


@pytest.mark.parametrize(
    ("name", "stem"),
    [("东召村委会", "东召"), ("山王村村委会", "山王"), ("西高村居委会", "西高"), ("曹村村委会", "曹"),
     ("淄江社区居民委员会", "淄江"), ("村", "村"), ("社区居委会", "社区"), ("王家庄", "王家庄")],
)  # fmt: skip
def test_the_stem_is_the_name_without_its_kind(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@pytest.mark.parametrize(
    ("text", "grade"),
    [("东召村12号", Grade.OFFICIAL), ("东召村民委员会", Grade.OFFICIAL), ("东召新村", Grade.VARIANT),
     ("东召12号", Grade.BARE), ("东召", Grade.BARE), ("东召路5号", None), ("东召路北", Grade.BARE),
     ("东召沟村", None)],
)  # fmt: skip
def test_what_follows_a_stem_tells_how_surely_it_is_meant(text: str, grade: Grade | None) -> None:
    found = named_at(text, 0, "东召", frozenset({"东召"}))
    assert (found.grade if found else None) is grade


def test_a_villages_side_is_not_taken_from_the_word_behind_a_shorter_name() -> None:
    assert named_at("东召北头", 0, "东召北", frozenset({"东召"})) is None
    assert named_at("东召北头", 0, "东召北", frozenset()) is not None


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [("国", "果", Alike.SOUND), ("行", "杭", Alike.READING), ("寇", "冠", Alike.NEARLY),
     ("山", "商", Alike.NEARLY), ("王", "李", Alike.NO)],
)  # fmt: skip
def test_characters_are_alike_by_sound_or_shape(one: str, other: str, how: Alike) -> None:
    assert alike(one, other) is alike(other, one) is how


@pytest.mark.parametrize(
    ("word", "stem", "known"),
    [("立子营", "立子营", 0), ("栗子营", "立子营", 4), ("白丘北", "白兔丘北", 2), ("东高", "西高", 0),
     ("高", "北高", 0), ("前夏", "前夏东", 0), ("王家桥", "王桥", 2), ("王小桥", "王桥", 0), ("槽", "曹", 4),
     ("顾召六端", "顾邵六端", 3), ("顾王六端", "顾邵六端", 1), ("张家", "王家", 0)],
)  # fmt: skip
def test_one_character_may_be_wrong_unless_it_tells_neighbours_apart(
    word: str, stem: str, known: int
) -> None:
    assert likelihood(word, stem) == known


@given(st.text(max_size=40))
def test_a_text_that_is_clean_stays_as_it_is(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


def test_scripts_and_widths_become_one_and_masks_stay_visible() -> None:
    assert cleaned("（鳳凰鎮） １２号－＊＊＊") == "凤凰镇12号*"


def test_a_place_is_known_by_all_its_names_and_only_while_it_exists() -> None:
    about = Particulars(aliases=("庙子村",), valid_to="2024-12-31")
    before, after = (Gazetteer(network(V4=about), day) for day in ("2024-12-31", "2025-01-01"))
    for text in ("小庙村", "庙子村"):
        found = before.names("T").at(text, 0)
        assert found and found.places == (OLD,)
        assert after.names("T").at(text, 0) is None


def test_a_village_and_a_community_of_one_stem_are_told_apart_by_their_kind() -> None:
    names = Gazetteer(network(), "2026-01-01").names("T")
    for text, place in (("城关村", RURAL), ("城关社区", URBAN)):
        found = names.at(text, 0)
        assert found and found.places == (place,)
    both = names.at("城关12号", 0)
    assert both and len(both.places) == 2


def test_a_village_named_after_its_town_may_lose_that_part_before_its_kind() -> None:
    names = Gazetteer(network(), "2026-01-01").names("T")
    found = names.at("北村", 0)
    assert found and found.places == (NORTH,)
    assert names.at("北头", 0) is None


@given(
    st.dictionaries(st.text("东西南", min_size=1, max_size=4), st.integers(), max_size=8), st.text("东西南")
)
def test_a_lexicon_finds_what_a_search_for_every_word_finds(words: dict[str, int], text: str) -> None:
    lexicon = Lexicon(words)
    assert sorted(lexicon.anywhere(text)) == sorted(
        word for word in words for at in range(len(text)) if text.startswith(word, at)
    )
    longest = max((word for word in words if text.startswith(word)), key=len, default="")
    assert lexicon.at(text, 0) == longest
