from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sorter.addresses import Resolver
from sorter.app.config import load_hub
from sorter.destinations import Known, Maps, destination
from sorter.flow import Advised, Direction, Service, Why
from sorter.plan import Item, decide
from sorter.sites import Site, Sites, segments_of
from sorter.waybill import Choice
from sorter.words import AddressWhy, Authority, Word
from tests.linzi import FOLDER

HUB = load_hub(FOLDER)
FENGHUANG, ZHUTAI, QIDU = "370305109", "370305104", "370305100"
DONGZHAO = "370305109224"
SITES = Sites(
    (
        Site("jt", "533-B12", FENGHUANG),
        Site("jt", "533-B12-003", DONGZHAO),
        Site("jt", "Q7*", QIDU),
        Site("sto", "533-B12", ZHUTAI),
    )
)
MAPS = Maps(HUB.network, SITES, Resolver(HUB.network, "2026-11-23"), {"sto": QIDU})
EVERYTHING = Known(True, QIDU, ZHUTAI, "533-B12", "临淄区凤凰镇东召村")
ORDER = ("held", "override", "place", "site", "address")
NOTHING = Known()


def told(known: Known, courier: str = "jt") -> tuple[Authority, str]:
    found = destination(known, courier, MAPS)
    return found.authority, found.place


def test_who_stands_higher_wins_and_the_next_one_follows_when_it_is_silent() -> None:
    known, places = EVERYTHING, []
    for name in ORDER:
        places.append(told(known))
        known = replace(known, **{name: getattr(NOTHING, name)})
    assert places == [
        (Authority.INTERCEPT, ""),
        (Authority.OVERRIDE, QIDU),
        (Authority.MANIFEST, ZHUTAI),
        (Authority.SITE_CODE, FENGHUANG),
        (Authority.ADDRESS, DONGZHAO),
    ]
    assert told(known) == (Authority.EXCEPTION, "")
    assert told(known, "sto") == (Authority.COURIER_DEFAULT, QIDU)


def test_a_word_that_leads_nowhere_is_told_and_the_next_authority_is_asked() -> None:
    known = Known(override="999", place="998", site="NEW-1", address="临淄区于家村")
    found = destination(known, "sto", MAPS)
    assert [(step.authority, step.detail) for step in found.steps] == [
        (Authority.OVERRIDE, Word.UNKNOWN_PLACE.value),
        (Authority.MANIFEST, Word.UNKNOWN_PLACE.value),
        (Authority.SITE_CODE, Word.UNKNOWN_SITE.value),
        (Authority.ADDRESS, AddressWhy.HOMONYM.value),
        (Authority.COURIER_DEFAULT, Word.PLACE_NAMED.value),
    ]
    assert found.steps[3].candidates == ("370305102201", "370305111211")
    assert destination(known, "jt", MAPS).unclear


@given(
    st.sampled_from(["", QIDU, ZHUTAI, "999"]),
    st.sampled_from(["", DONGZHAO, "999"]),
    st.sampled_from(["", "533-B12-3", "ZZ"]),
    st.sampled_from(["", "临淄区凤凰镇东召村", "临淄区于家村", "自提"]),
    st.sampled_from(["jt", "sto", "sf"]),
)
def test_an_intercept_wins_over_everything_that_is_known(
    override: str, place: str, site: str, address: str, courier: str
) -> None:
    found = destination(Known(True, override, place, site, address), courier, MAPS)
    assert (found.place, len(found.steps), found.authority) == ("", 1, Authority.INTERCEPT)


def test_the_longest_prefix_that_ends_with_a_segment_counts() -> None:
    codes = ("533-B12", "533-B12-7", "533-B12-003", "533-B12-003-1", "533-B120", "533", "Q7", "Q79-1", "Q-7")
    places = [site.place if (site := SITES.find("jt", code)) else "" for code in codes]
    assert places == [FENGHUANG, FENGHUANG, DONGZHAO, DONGZHAO, "", "", QIDU, QIDU, ""]


def test_the_same_code_at_two_couriers_gives_two_chutes() -> None:
    rules = []
    for courier in ("jt", "sto"):
        place = told(Known(site="533 b12"), courier)[1]
        item = Item(courier, Direction.DOWN, Service.STANDARD, HUB.network.town_of(place), "")
        rules.append(HUB.plan.ruling(item))
    assert [rule.id for rule in rules if rule] == ["fenghuang", "zhutai"]


@given(
    st.sampled_from(SITES.entries), st.text("0123456789ABC", min_size=1, max_size=6), st.sampled_from("- /_.")
)
def test_every_code_below_an_entry_is_found_however_it_is_written(site: Site, more: str, mark: str) -> None:
    code = f" {site.code.rstrip('*').lower().replace('-', mark)}{mark}{more}"
    found = SITES.find(site.courier, code)
    assert found
    assert segments_of(code).startswith(segments_of(found.code).rstrip("*"))
    assert len(found.code) >= len(site.code)
    assert SITES.find("yunda", code) is None


def test_a_code_without_an_end_is_nobodys() -> None:
    assert SITES.find("jt", "533-B12-" + "9" * 99) is None


def test_a_parcel_of_unknown_destination_goes_where_its_courier_wants_it() -> None:
    choice = Choice(Why.ROUTED, "W1", "jt")
    plan = replace(HUB.plan, defaults={"jt": QIDU})
    silent = Advised(0, "W1", "jt", "")
    for advised in (None, silent, replace(silent, unclear=True)):
        ruled = decide(choice, advised, False, plan, HUB.network)
        assert (ruled.why, ruled.place, ruled.rule_id) == (Why.ROUTED, QIDU, "qidu")
        assert decide(choice, advised, True, plan, HUB.network).why is Why.INTERCEPTED


def test_without_a_default_an_unclear_address_is_its_own_exception() -> None:
    unclear = Advised(0, "W1", "jt", "", unclear=True)
    ruled = decide(Choice(Why.ROUTED, "W1", "jt"), unclear, False, HUB.plan, HUB.network)
    assert (ruled.why, ruled.chutes) == (Why.AMBIGUOUS_ADDRESS, ())
