from __future__ import annotations

from pathlib import Path

import pytest

from sorter.app.cli import main
from sorter.app.config import load_hub
from sorter.app.plan_doubts import loads, read_volumes
from sorter.errors import ConfigError
from tests.linzi import FOLDER, edited

HUB = load_hub(FOLDER)
FENGHUANG, QIDU = "370305109", "370305100"


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["plan", "check", str(folder), *words])
    return code, capsys.readouterr().out


def hub_with(folder: Path, old: str, new: str) -> Path:
    for name, text in edited("plan.yaml", old, new).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def volumes(folder: Path, *rows: str) -> Path:
    path = folder / "volumes.csv"
    path.write_text("\n".join(("place,per_hour", *rows)), encoding="utf-8")
    return path


def test_the_shipped_plan_is_clean_and_covers_every_village(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = checked(FOLDER, capsys)
    assert code == 0
    assert said.splitlines()[0] == "没有问题 nothing found"
    assert "468 / 468" in said


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ("to: [qidu]", "to: [huangcheng]", "20:61", "two destinations in one bag"),
        ("[cold], to: [cold-chain]", "[cold], to: [qidu]", "7:44", "no chute of their own"),
    ],
)  # fmt: skip
def test_a_doubtful_plan_is_told_with_its_place_and_still_runs(
    old: str, new: str, place: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = checked(hub_with(tmp_path, old, new), capsys)
    assert code == 0
    assert any(f"plan.yaml:{place}" in line and what in line for line in said.splitlines()), said


def test_a_chute_that_fills_more_bags_than_can_be_changed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = volumes(tmp_path, f"{QIDU},2401", f"{FENGHUANG},4800")
    # 2401 / 120 parcels a bag = 20.01 bags; 凤凰镇's two chutes share 4800: 20 bags each.
    code, said = checked(FOLDER, capsys, "--volumes", str(path))
    assert code == 0
    assert said.count("more than 20 changes") == 1
    assert "plan.yaml:19:" in said
    assert "changes" not in checked(FOLDER, capsys, "--volumes", str(path), "--bags-an-hour", "21")[1]


def test_every_expected_parcel_is_in_exactly_one_chutes_load(tmp_path: Path) -> None:
    told = read_volumes(volumes(tmp_path, f"{QIDU},100", f"{FENGHUANG},50", f"{FENGHUANG}201,7"), HUB.network)
    found = loads(HUB, told)
    assert sum(found.values()) == pytest.approx(157)
    assert found[0] == found[2] == pytest.approx(28.5)


def test_every_mistake_in_the_volumes_is_told(tmp_path: Path) -> None:
    path = volumes(tmp_path, "370305,1", "999,1", f"{QIDU},many", f"{FENGHUANG},1", f"{FENGHUANG},2")
    with pytest.raises(ConfigError) as caught:
        read_volumes(path, HUB.network)
    places = [problem.where.rsplit("volumes.csv:")[-1] for problem in caught.value.problems]
    assert places == ["2:1", "3:1", "4:11", "6:1"]
