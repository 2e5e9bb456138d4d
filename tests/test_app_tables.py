from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorter.app.config import load_hub
from sorter.app.manifest import read_manifest, row_about
from sorter.app.tables import read_table
from sorter.errors import ConfigError
from sorter.flow import Advised
from tests.linzi import FOLDER

HUB = load_hub(FOLDER)
COLUMNS = {"id": ("编号",), "address": ("地址",)}
DONGZHAO = "370305109224"


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_a_table_may_have_any_encoding_and_comma_of_a_spreadsheet(
    tmp_path: Path, encoding: str, comma: str
) -> None:
    text = (
        comma.join(("姓名", "编号", "电话", "地址")) + "\r\n" + comma.join(("张三", "7", "139", '"凤凰镇"'))
    )
    [row] = read_table(written(tmp_path, "t.csv", text.encode(encoding)), COLUMNS, ("id", "address"))
    assert dict(row.cells) == {"id": "7", "address": "凤凰镇"}
    assert row.problem("address", "w", "r").where.endswith("t.csv:2:10")


def test_names_and_phones_never_leave_the_file(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "name": "张三", "phone": "13900000000", "address": "凤凰镇"},
        {"id": "8", "address": None},
    ]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    found = read_table(written(tmp_path, "t.json", text.encode()), COLUMNS, ())
    assert [dict(row.cells) for row in found] == [
        {"id": "7", "address": "凤凰镇"},
        {"id": "8", "address": ""},
    ]
    assert [row.line for row in found] == [2, 8]


@pytest.mark.parametrize(
    ("name", "data", "where", "what"),
    [
        ("t.json", b"{}", "t.json:1:1", "not a JSON list"),
        ("t.json", b'[{"id": 1},\n 5]', "t.json:2:2", "not a JSON list"),
        ("t.json", b'[{"id": 1}\n{"id": 2}]', "t.json:2:1", "not a JSON list"),
        ("t.json", b'[{"id": }]', "t.json:1:9", "not a JSON list"),
        ("t.json", b"[" * 100_000, "t.json:1:2", "not a JSON list"),
        ("t.csv", b"id\n1\n", "t.csv:1:1", "lacks address"),
        ("t.csv", b"id,address\n1,\xff\xff\n", "t.csv:2:3", "neither UTF-8 nor GBK"),
        ("t.csv", b"\xff\xfei\0d\0", "t.csv:1:1", "UTF-16"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, name: str, data: bytes, where: str, what: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_table(written(tmp_path, name, data), COLUMNS, ("id", "address"))
    [problem] = caught.value.problems
    assert problem.where.endswith(where)
    assert what in problem.what
    assert problem.remedy


def manifest(folder: Path, *rows: str) -> Path:
    text = "\n".join(("运单号,快递公司,收件人,place,三段码,地址", *rows))
    return written(folder, "m.csv", text.encode("gbk"))


def test_a_manifest_row_tells_a_place_a_site_code_or_an_address(tmp_path: Path) -> None:
    path = manifest(
        tmp_path,
        f"SF1234567890121,sf,张三,{DONGZHAO},,",
        "JT1234567890122,jt,张三,,533-L01-12-9,",
        "SF1234567890123,sf,张三,,,临淄区凤凰镇东召村12号",
        "SF1234567890124,sf,张三,,533-L01,临淄区于家村",
        "SF1234567890125,sf,张三,,,",
    )
    intake = read_manifest(path, HUB)
    told = [(w.place, w.unclear) for w in intake.words if isinstance(w, Advised)]
    assert told == [(DONGZHAO, False)] * 3 + [("", True), ("", False)]
    assert "张三" not in repr(intake)
    assert "东召村" not in repr(intake)


@pytest.mark.parametrize("number", ["7.5E+12", "7,5E+12", "7E+12", "7.73012e14"])
def test_a_number_that_a_spreadsheet_has_shortened_is_set_aside(tmp_path: Path, number: str) -> None:
    path = manifest(tmp_path, f'"{number}",sf,,{DONGZHAO},,', "SF1234567890123,sf,,3.70305E+11,,")
    first, second = read_manifest(path, HUB).aside
    assert "spreadsheet" in first.what and first.where.endswith(":2:1")
    assert "spreadsheet" in second.what and second.where.endswith(":3:21")


def test_a_manifest_in_json_says_the_same(tmp_path: Path) -> None:
    rows = [{"waybill": "SF1234567890123", "courier": "sf", "address": "凤凰镇东召村", "receiver": "张三"},
            {"waybill": 7.5e12, "courier": "sf", "place": DONGZHAO}]  # fmt: skip
    intake = read_manifest(written(tmp_path, "m.json", json.dumps(rows).encode()), HUB)
    assert [word.waybill for word in intake.words] == ["SF1234567890123"]
    assert len(intake.aside) == 1


def test_one_waybills_row_is_found_as_it_stands(tmp_path: Path) -> None:
    path = manifest(tmp_path, "SF1234567890123,sf,张三,,,凤凰镇东召村")
    row = row_about(path, "SF1234567890123")
    assert row and row.get("address") == "凤凰镇东召村"
    assert row_about(path, "SF1234567890124") is None
