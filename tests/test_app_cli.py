"""The command line as a user meets it: answers, exit codes, no traceback whatever is asked."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from sorter.app.cli import main, parser
from sorter.app.config import load_hub
from tests.shared import ROOT
from vision.render import render
from vision.scene import Box, Label, Print

LINZI = str(ROOT / "configs" / "linzi")


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("demo", "run", "emulate", "sim", "read", "trace", "replay", "check", "doctor"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        assert f"sorter {command}" in capsys.readouterr().out.split("examples:")[1]
    assert "exit codes" in parser().format_help()


def test_a_simulated_run_is_judged_journalled_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = tmp_path / "journal"
    assert main(["sim", LINZI, "--parcels", "80", "--seed", "5", "--json", "--journal", str(journal)]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert (figures["inducted"]["amount"], figures["mis-sorts"]["amount"]) == (80, 0)
    assert main(["replay", str(journal)]) == 0
    assert "0 differences" in capsys.readouterr().out


def test_replay_by_another_plan_names_the_parcels_that_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, other = tmp_path / "journal", tmp_path / "other"
    assert main(["sim", LINZI, "--parcels", "80", "--seed", "5", "--json", "--journal", str(journal)]) == 0
    other.mkdir()
    for file in Path(LINZI).glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        (other / file.name).write_text(text.replace("to: [jinshan]", "to: [spare-1]"), encoding="utf-8")
    capsys.readouterr()
    assert main(["replay", str(journal), "--config", str(other)]) == 1
    lines = capsys.readouterr().out.splitlines()
    parcels = [line for line in lines[:-1] if "jinshan" in line or "4 -> 26" in line]
    assert parcels
    assert len(parcels) == int(lines[-1].split()[0]) - 1, "all but the plan version itself"


def test_images_are_read_one_json_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((40, 40), 255, np.uint8))
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    assert main(["read", str(tmp_path), "--json"]) == 1
    blank, text = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert set(blank) == {"file", "codes", "waybill", "courier", "reason"}
    assert (blank["codes"], blank["waybill"], blank["courier"]) == ([], None, None)
    assert text["reason"].startswith("not an image")


def test_no_name_of_a_file_reaches_the_terminal_as_an_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ("x" * 100 + "\x1b[31m\x9b2J\n.png")
    path.write_bytes(b"no picture")
    for more in ([], ["--json"]):
        assert main(["read", str(path), *more]) == 1
        line = capsys.readouterr().out.removesuffix("\n")
        assert line.isprintable() and "x" * 100 in line and ".png" in line
    assert json.loads(line)["file"] == str(path)


def test_a_run_with_faults_is_judged_by_its_chutes(capsys: pytest.CaptureFixture[str]) -> None:
    faults = str(ROOT / "configs" / "faults" / "plc-trouble.yaml")
    assert main(["sim", LINZI, "--parcels", "150", "--faults", faults, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures["mis-sorts"]["amount"] == 0
    assert figures["no-route"]["amount"] > 5


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", LINZI], 0),
        (["check", "nowhere"], 1),
        (["sim", "nowhere"], 2),
        (["replay", "nowhere"], 2),
        (["replay", str(ROOT / "docs")], 2),
        (["trace", "SF1234567890123", "--journal", "nowhere"], 2),
        (["read", "nowhere.png"], 1),
        (["emulate", LINZI, "--pace", "0"], 2),
    ],
)
def test_exit_codes_are_as_documented(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert said.out + said.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["sim", "--parcels", "0"],
        ["sim", "--parcels", "１"],
        ["sim", "--date", "2026-13-45"],
        ["emulate", LINZI, "--port", "99999"],
        ["emulate", LINZI, "--pace", "nan"],
    ],
)
def test_a_wrong_argument_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_waybill_in_an_image_is_named_with_its_courier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = load_hub(Path(LINZI)).layout.cameras[0]
    label = Label(0, 0, 4.0, 130, 76, (Print("CODE128", "SF1234567890123", 625, 25),))
    cv2.imwrite(str(tmp_path / "belt.png"), render(camera, [Box(0, 0, 300, 300, label)], 1))
    assert main(["read", str(tmp_path / "belt.png"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert main(["read", str(tmp_path / "belt.png"), "--json", "--belt"]) == 0
    on_the_belt = json.loads(capsys.readouterr().out)["codes"][0]
    assert (answer["waybill"], answer["courier"], answer["reason"]) == ("SF1234567890123", "sf", "")
    assert answer["codes"][0]["symbology"] == "CODE128"
    assert len(answer["codes"][0]["corners"]) == 4
    # Which rung read it is in the result; only our own reader grades: 0.625 mm at 4.08 px/mm are 2.55 px.
    assert (answer["codes"][0]["reader"], answer["codes"][0]["grade"]) == ("zxing", None)
    assert on_the_belt["reader"] == "bars" and abs(on_the_belt["grade"]["module_cpx"] - 255) < 5


def test_a_disk_that_fails_where_nobody_expects_it_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(args: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "runs/line")

    monkeypatch.setattr("sorter.app.cmd_look.run_check", fail)
    assert main(["check"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("runs/line: Input/output error\n  检查磁盘") and "Traceback" not in said
