from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorter.app.address_texts import ADDRESS_WHYS, AUTHORITIES, LEVELS, WORDS
from sorter.app.cli import main
from sorter.words import AddressLevel, AddressWhy, Authority, Word
from tests.linzi import FOLDER

CONFIG = ("--config", str(FOLDER))


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    code = main([*words, *CONFIG])
    return code, capsys.readouterr().out.splitlines()


def test_addresses_are_resolved_to_codes_and_null_where_they_must_not_be_sorted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("id,address\nA,临淄区凤凰镇东召村\nB,临淄区于家村\nC,凤凰镇镇政府\n", encoding="utf-8")
    code, lines = asked(capsys, "plan", "resolve", str(table), "--json")
    assert code == 0
    assert [json.loads(line) for line in lines] == [
        {"id": "A", "level": "village", "town": "370305109", "village": "370305109224",
         "reason": "official-name", "candidates": []},
        {"id": "B", "level": "ambiguous", "town": None, "village": None,
         "reason": "name-in-several-towns", "candidates": ["370305102201", "370305111211"]},
        {"id": "C", "level": "town", "town": "370305109", "village": None,
         "reason": "no-village-named", "candidates": []},
    ]  # fmt: skip
    code, lines = asked(capsys, "plan", "resolve", str(table))
    assert "皇城镇 于家村委会" in lines[1] and "金山镇 于家村村委会" in lines[1]


def test_why_tells_an_addresss_way_to_its_chutes(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = asked(capsys, "plan", "why", "临淄区朱台镇桐林村", "--courier", "jt")
    assert code == 0
    assert lines[0].startswith("1. 地址 / address") and "桐林村委会 370305104201" in lines[0]
    assert "规则 rule zhutai" in lines[1]
    assert "朱台镇一" in lines[2]


def test_why_tells_a_waybills_way_through_manifest_site_code_and_intercept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest, held = tmp_path / "m.csv", tmp_path / "i.csv"
    manifest.write_text(
        "waybill,courier,site,address\nJT1234567890123,jt,533-L02-1,临淄区于家村\n", encoding="utf-8"
    )
    held.write_text("waybill\nJT1234567890123\n", encoding="utf-8")
    words = ("plan", "why", "JT1234567890123", "--manifest", str(manifest))
    code, lines = asked(capsys, *words)
    assert (code, len(lines)) == (0, 4)
    assert "极兔速递" in lines[0] and "533-L02" in lines[1] and "zhutai" in lines[2]
    code, lines = asked(capsys, *words, "--site", "ZZ-9")
    assert code == 1
    assert ["没有这个网点码" in lines[1], "金山镇 于家村村委会" in lines[2]] == [True, True]
    code, lines = asked(capsys, *words, "--override", "370305100")
    assert code == 0 and "人工指定" in lines[1] and "qidu" in lines[2]
    code, lines = asked(capsys, *words, "--intercepts", str(held))
    assert code == 1 and "拦截" in lines[1] and "security" in lines[3].lower()
    assert len([line for line in lines if line[0].isdigit()]) == 1


def test_why_names_a_waybill_that_is_nobodys(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = asked(capsys, "plan", "why", "431234567890123")
    assert code == 1
    assert "exception end" in lines[-1]


def test_network_import_prints_or_writes_the_districts_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "v.csv", tmp_path / "network.yaml"
    table.write_text(
        "town_code,town_name,village_code,village_name\n370305109,凤凰镇,370305109224,东召村委会\n",
        encoding="utf-8",
    )
    words = ("network", "import", str(table), "--district", "370305")
    code, lines = asked(capsys, *words)
    assert code == 0 and lines[0] == "# 临淄区: 1 镇街 towns, 1 村居 villages"
    code, _ = asked(capsys, *words, "--out", str(out))
    assert code == 0 and out.read_text(encoding="utf-8").splitlines() == lines
    assert asked(capsys, "network", "import", str(table), "--district", "370306")[0] == 2
    assert asked(capsys, *words, "--out", str(tmp_path))[0] == 2


def test_every_word_about_destinations_has_its_own_text_in_both_languages() -> None:
    for kind, texts in (
        (AddressLevel, LEVELS), (AddressWhy, ADDRESS_WHYS), (Authority, AUTHORITIES), (Word, WORDS)
    ):  # fmt: skip
        assert set(texts) == set(kind)
        assert (
            len({text.zh for text in texts.values()})
            == len({text.en for text in texts.values()})
            == len(texts)
        )
