from __future__ import annotations

from pathlib import Path

import pytest

from sorter.app.config import hub_from_files, load_hub
from sorter.app.network_import import import_network, network_yaml
from sorter.errors import ConfigError
from sorter.network import Network, Particulars, Place
from tests.linzi import FOLDER, texts
from tests.shared import shared

HUB = load_hub(FOLDER)
HEADER = "town_code,town_name,village_code,village_name\n"
ROW = "370305109,凤凰镇,370305109224,东召村委会\n"


def imported(folder: Path, text: str, encoding: str = "utf-8", known: Network | None = None) -> Network:
    path = folder / "villages.csv"
    path.write_bytes(text.encode(encoding))
    return import_network(path, "370305", "临淄区", known)


def test_the_public_table_becomes_the_shipped_network_again() -> None:
    table = shared("data", "linzi_villages.csv")
    network = import_network(table, "370305", "临淄区", HUB.network)
    assert network == HUB.network
    files = {**texts(), "network.yaml": network_yaml(network)}
    assert hub_from_files(files, "linzi").network == HUB.network


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_hubs_own_table_may_name_its_columns_in_chinese(tmp_path: Path, encoding: str) -> None:
    header = "镇街编码;镇街;村编码;村名;别名;曾用名;联系人"
    row = "370305109;凤凰镇;370305109224;东召村委会;东召/大召;召口村;张三"
    network = imported(tmp_path, f"{header}\n{row}\n", encoding)
    assert [place.name for place in network.places] == ["临淄区", "凤凰镇", "东召村委会"]
    assert network.about("370305109224") == Particulars(("东召", "大召"), ("召口村",))


def test_rows_of_other_districts_are_passed_over(tmp_path: Path) -> None:
    network = imported(tmp_path, HEADER + ROW + "370306001,大街街道,370306001001,某社区居委会\n")
    assert len(network.places) == 3


def test_what_is_known_about_places_that_remain_is_kept(tmp_path: Path) -> None:
    station = Place("S1", "东召驿站", "station", "370305109")
    special = {"S1": Particulars(village="370305109224"),
               "370305109224": Particulars(operator="高新区", operator_from="2024-01-01"),
               "370305111": Particulars(former=("南王镇",))}  # fmt: skip
    known = Network((*HUB.network.places, station), special, HUB.network.around)
    network = imported(tmp_path, HEADER + ROW, known=known)
    assert network.about("370305109224").operator == "高新区"
    assert (network.find("S1"), network.village_of("S1")) == (station, "370305109224")
    assert network.find("370305111") is None
    files = {**texts(), "network.yaml": network_yaml(network)}
    with pytest.raises(ConfigError) as caught:
        hub_from_files(files, "linzi")
    wrong = {problem.where.split(":")[0] for problem in caught.value.problems}
    assert wrong == {"linzi/plan.yaml", "linzi/sites.yaml"}


MISTAKES = {
    "370305109,凤凰镇,3.70305E+11,甲村委会": "3:15 spreadsheet",
    "370305109,凤凰镇,37030510922,甲村委会": "3:15 no code of 12 digits",
    "37030510,凤凰镇,370305109225,甲村委会": "3:1 no code of 9 digits",
    "370305109,凤凰镇,370305109225,": "3:28 no name",
    "370305109,,370305109225,甲村委会": "3:11 no name",
    "370305109,凤凰乡,370305109225,甲村委会": "3:11 is called 凤凰镇 at line 2",
    "370305109,凤凰镇,370305109224,甲村委会": "3:15 already at line 2",
    "370305104,朱台镇,370305109225,甲村委会": "3:15 does not begin with its town's code",
    "370305109,凤凰镇,370305109225,甲\ufffd村委会": "3:28 no name",
}


@pytest.mark.parametrize("row", MISTAKES)
def test_a_mistake_in_a_table_is_told_with_its_place(tmp_path: Path, row: str) -> None:
    with pytest.raises(ConfigError) as caught:
        imported(tmp_path, HEADER + ROW + row + "\n")
    [problem] = caught.value.problems
    place, _, what = MISTAKES[row].partition(" ")
    assert problem.where.endswith(f"villages.csv:{place}")
    assert what in problem.what
    assert problem.remedy


def test_all_mistakes_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        imported(tmp_path, HEADER + "\n".join(list(MISTAKES)[:5]))
    assert len(caught.value.problems) >= 5


def test_a_table_without_the_district_names_those_it_has(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="370306"):
        imported(tmp_path, HEADER + "370306001,大街街道,370306001001,某社区居委会\n")


def test_a_name_that_yaml_would_take_for_something_else_is_quoted(tmp_path: Path) -> None:
    network = imported(tmp_path, HEADER + "370305109,凤凰镇,370305109224,3队: 东召村\n")
    assert '"3队: 东召村"' in network_yaml(network)
