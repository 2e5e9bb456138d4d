from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sorter.app.check import check
from tests.linzi import FOLDER, edited


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "linzi"))


def written(folder: Path, file: str, old: str, new: str) -> Path:
    (folder / file).write_text(edited(file, old, new)[file], encoding="utf-8")
    return folder


def test_a_clean_hub_shows_its_dimensions_and_its_chutes() -> None:
    report = check(FOLDER)
    lines = report.lines()
    assert report.clean
    assert lines[-1] == "0 个错误 problems, 0 个警告 warnings"
    [camera] = [line for line in lines if "camera 0 to first decision" in line]
    assert " ".join(camera.split()) == (
        "相机 0 到首个决策 camera 0 to first decision 3000 mm 1640 ok "
        "1600 mm/s x (400 + 250 ms) + view 600 / 2 + longest 600 / 2"
    )
    assert [row.chute.id for row in report.outlets] == list(range(28))
    assert any(line.split() == ["21", "returns", "退件", "Courier", "returns", "returns"] for line in lines)


def test_every_sum_of_the_default_hub_is_in_the_table_and_holds() -> None:
    sums = {row.en: (row.value, row.needed) for row in check(FOLDER).dimensions if row.needed is not None}
    assert sums == {
        "minimum pitch": (600, 552),
        "minimum pitch to windows": (600, 200),
        "eye to pivot": (850, 812),
        "diverter pitch": (1200, 1190),
        "last pivot to end eye": (1200, 340),
        "induct eye to camera 0": (1000, 332),
        "camera 0 to first decision": (3000, 1640),
        "communication timeout": (500, 400),
    }


def test_a_dimension_that_fails_is_marked_and_is_a_problem(folder: Path) -> None:
    report = check(written(folder, "line.yaml", "switch_ms: 300", "switch_ms: 400"))
    assert not report.clean
    # 1600 mm/s for 400 ms is 640 mm, with two scans 672 mm.
    assert [row.needed for row in report.dimensions if not row.ok] == [712, 972]
    marked = [line for line in report.lines() if "!!" in line]
    assert ["最小中心距" in marked[0], "光电到摆轮" in marked[1], len(marked)] == [True, True, 2]
    assert report.outlets == () and len(report.problems) == 2


def test_a_warning_is_shown_and_leaves_the_hub_clean(folder: Path) -> None:
    report = check(
        written(folder, "line.yaml", "zh: 备用二, en: Spare 2, spare: true", "zh: 备用二, en: Spare 2")
    )
    assert report.clean and report.outlets
    assert report.lines()[:3] == [
        "警告 Warnings",
        f"{folder}/line.yaml:41:19: "
        "方案没有往格口 spare-2 送任何件 / the plan sends nothing to chute spare-2",
        "  用上它，或者写 spare: true / use it, or write spare: true",
    ]


def test_columns_line_up_beside_chinese_names() -> None:
    def column(name: str) -> int:
        [line] = [line for line in check(FOLDER).lines() if f" {name}  " in line]
        return sum(2 if ord(char) > 0x2E80 else 1 for char in line[: line.index(f" {name}  ")])

    assert column("Jinshan") == column("Spare 1") == column("Upstream China Post")


def test_a_folder_without_any_file_reports_every_file_as_missing(tmp_path: Path) -> None:
    report = check(tmp_path)
    assert [problem.what for problem in report.problems] == ["the file is missing"] * 6
    assert report.lines()[-1] == "6 个错误 problems, 0 个警告 warnings"
