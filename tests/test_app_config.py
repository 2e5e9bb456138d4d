from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorter.app.config import FILES, MAY_LACK, hub_from_files, load_hub, read_hub
from sorter.errors import ConfigError
from tests.linzi import FOLDER, edited, texts


def problems(files: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        hub_from_files(files, "linzi")
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "linzi"))


def test_a_hub_can_be_built_again_from_the_texts_that_it_keeps() -> None:
    hub = load_hub(FOLDER)
    assert hub_from_files(hub.files, hub.name) == hub
    assert (hub.name, sorted(hub.files)) == ("linzi", sorted((*FILES, *MAY_LACK)))


def test_all_problems_of_all_files_are_told_at_once_in_order() -> None:
    files = edited("plc.yaml", "unit: 1", "unit: x")
    files["line.yaml"] = edited("line.yaml", "count: 14", "count: 0")["line.yaml"]
    files["couriers.yaml"] = edited("couriers.yaml", "  jt:\n", "  JT:\n")["couriers.yaml"]
    assert [problem.split(" ")[0] for problem in problems(files)] == [
        "linzi/couriers.yaml:6:3:",
        "linzi/line.yaml:8:20:",
        "linzi/plc.yaml:3:43:",
    ]


def test_a_comment_or_another_spelling_leaves_the_plans_version_and_a_meaning_changes_it() -> None:
    def version(files: dict[str, str]) -> str:
        return hub_from_files(files, "linzi").plan.version

    plain = version(texts())
    assert plain.startswith("linzi-daily@") and len(plain) == len("linzi-daily@") + 8
    assert version(edited("plan.yaml", "towns: [金山镇]", 'towns: ["370305111"]')) == plain
    different = {
        version(edited("plan.yaml", "to: [qidu]", "to: [jinshan]")),
        version(
            edited("plan.yaml", "[fenghuang-1, fenghuang-2], balance: true", "[fenghuang-1, fenghuang-2]")
        ),
        version(edited("plan.yaml", "{id: qidu,", "{id: qidu-2,")),
        version(edited("plan.yaml", "intercepted: security", "intercepted: manual")),
        version(edited("plan.yaml", "services: [cold]", "directions: [down], services: [cold]")),
        plain,
    }
    assert len(different) == 6


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load_hub(tmp_path / "nowhere")


def test_a_missing_file_is_a_problem_and_an_unknown_one_a_warning(folder: Path) -> None:
    (folder / "plan.yaml").rename(folder / "plans.yaml")
    reading = read_hub(folder)
    assert [str(problem) for problem in reading.problems] == [
        f"{folder}/plan.yaml:1:1: the file is missing\n  add it or restore it"
    ]
    assert [problem.remedy for problem in reading.warnings] == ["did you mean 'plan.yaml'?"]


@pytest.mark.parametrize(
    ("encoding", "place", "what"),
    [
        ("gbk", "2:5", "it could be GBK"),
        ("utf-8-sig", "1:1", "byte order mark"),
        ("utf-16", "1:1", "UTF-16"),
        ("utf-16-le", "1:1", "UTF-16"),
    ],
)
def test_a_file_in_another_encoding_is_one_clear_problem(
    folder: Path, encoding: str, place: str, what: str
) -> None:
    text = "name: x\nzh: 临淄区\n"
    (folder / "plan.yaml").write_bytes(text.encode(encoding))
    [problem] = read_hub(folder).problems
    assert problem.where == f"{folder}/plan.yaml:{place}"
    assert what in problem.what
    assert "UTF-8" in problem.remedy


def test_a_folder_in_the_place_of_a_file_is_a_problem(folder: Path) -> None:
    (folder / "plc.yaml").unlink()
    (folder / "plc.yaml").mkdir()
    [problem] = read_hub(folder).problems
    assert problem.where == f"{folder}/plc.yaml:1:1"


def test_a_huge_file_is_refused_before_it_is_read(folder: Path) -> None:
    with (folder / "plan.yaml").open("wb") as file:
        file.truncate(1 << 40)
    [problem] = read_hub(folder).problems
    assert "not a file of at most" in problem.what


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["line.yaml", "cameras.yaml", "plc.yaml", "couriers.yaml", "plan.yaml"]), st.data())
def test_any_damage_gives_a_hub_or_problems_with_places(file: str, data: st.DataObject) -> None:
    text = texts()[file]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    noise = data.draw(st.text(alphabet="[]{}:,-#'\"&*!\n\t 0no凤\x00", max_size=5))
    damaged = {**texts(), file: text[:start] + noise + text[end:]}
    try:
        assert hub_from_files(damaged, "linzi").files == damaged
    except ConfigError as error:
        for problem in error.problems:
            where, line, column = problem.where.rsplit(":", 2)
            assert where.startswith("linzi/") and int(line) >= 1 and int(column) >= 1
            assert problem.what and problem.remedy
