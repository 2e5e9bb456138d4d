"""The doctor's findings: what is fine, what is a warning, what keeps the line from sorting."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from sorter.app import doctor
from sorter.app.config import load_hub
from sorter.app.findings import Finding, Grade, Text, failed, graded, lines, plain, rows
from sorter.errors import ConfigError, Problem
from sorter.hub import Hub
from tests.shared import ROOT


@pytest.fixture
def few_open_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def broken() -> Hub:
    raise ConfigError([Problem("line.yaml:6:9", "chute id 1 is used twice", "free ids: 2-24")])


def test_every_finding_that_is_not_fine_says_what_to_do(tmp_path: Path) -> None:
    findings = doctor.examine(tmp_path, load=broken)
    assert len(findings) > 10
    assert [finding.name for finding in findings if finding.ok == bool(str(finding.remedy))] == []


@pytest.mark.parametrize(
    ("version", "requirement", "holds"),
    [
        ("3.16.1", "pymodbus>=3.16,<4", True),
        ("4.0", "pymodbus>=3.16,<4", False),
        ("4", "pymodbus>=3.16,<4.0", False),
        ("3.9.2", "pymodbus>=3.16,<4", False),
        ("5.0.0.93", "opencv-python-headless>=5.0", True),
        ("5", "opencv-python-headless>=5.0", True),
        ("5.0rc1", "opencv-python-headless>=5.0", True),
    ],
)
def test_a_version_is_compared_by_its_release_numbers(version: str, requirement: str, holds: bool) -> None:
    assert doctor.within(version, requirement) is holds


def test_a_package_out_of_bounds_or_absent_keeps_the_line_from_sorting() -> None:
    held = metadata.version("pyyaml")
    findings = doctor.packages(["pyyaml>=6.0", f"pyyaml<{held}", "no-such-parcel-package>=1"])
    assert [finding.grade for finding in findings] == [Grade.OK, Grade.FAILURE, Grade.FAILURE]


def test_without_the_installed_product_no_bounds_are_invented() -> None:
    assert [finding.grade for finding in doctor.packages([])] == [Grade.WARNING]


def test_a_missing_libzbar_is_a_warning_with_the_exact_install_line() -> None:
    finding = doctor.zbar("the system library libzbar is missing")
    assert finding.remedy == plain("sudo apt-get install -y libzbar0")
    assert finding.grade is Grade.WARNING
    assert not failed([finding])


def test_a_libzbar_that_loads_is_fine() -> None:
    assert doctor.zbar("").ok


def test_the_place_for_journals_need_not_exist_yet_and_is_left_as_it_was(tmp_path: Path) -> None:
    assert doctor.commits(tmp_path / "later" / "runs").grade is not Grade.FAILURE
    assert doctor.disk(tmp_path / "later").detail.en.endswith("MiB free")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_keeps_the_line_from_sorting() -> None:
    # Not even root writes there.
    finding = doctor.commits(Path("/proc/journals"))
    assert finding.grade is Grade.FAILURE
    assert "/proc/journals" in finding.remedy.en


@pytest.mark.usefixtures("few_open_files")
def test_a_low_limit_of_open_files_is_a_warning() -> None:
    assert doctor.open_files() == Finding("open-files", Grade.WARNING, plain("200"), plain("ulimit -n 1024"))


def test_trying_the_real_time_scheduler_leaves_this_process_as_it_was() -> None:
    before = os.sched_getscheduler(0)
    doctor.real_time()
    assert os.sched_getscheduler(0) == before


def test_a_wrong_configuration_shows_all_its_problems_and_asks_no_plc() -> None:
    (finding,) = doctor.configuration(broken)
    assert finding.grade is Grade.FAILURE
    assert "line.yaml:6:9: chute id 1 is used twice" in finding.remedy.en


def test_the_default_hub_is_found_in_order() -> None:
    finding = doctor.configuration(lambda: load_hub(ROOT / "configs" / "linzi"))[0]
    assert finding.ok


def test_a_person_sees_both_languages_and_the_remedy_below() -> None:
    finding = graded("eye", False, Text("光电脏", "eye dirty"), Text("擦", "wipe"))
    assert list(lines([finding])) == ["提醒 warning  eye  光电脏 / eye dirty", "    擦 / wipe"]


def test_a_fine_thing_takes_one_line() -> None:
    assert list(lines([graded("eye", True, plain("12 ns"), plain("wipe"))])) == ["正常 ok       eye  12 ns"]


def test_a_program_gets_the_same_findings_as_json(tmp_path: Path) -> None:
    findings = doctor.examine(tmp_path)
    read_back = json.loads(json.dumps(rows(findings)))
    assert [(row["name"], Grade(row["grade"])) for row in read_back] == [(f.name, f.grade) for f in findings]
