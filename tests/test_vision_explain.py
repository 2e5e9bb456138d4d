"""The picture that explains a read: where codes were looked for, in the colour of what came of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from sorter.app.cli import main
from sorter.flow import CodeRead
from sorter.layout import Camera
from vision.belt import BeltReader
from vision.causes import corners_of
from vision.explain import PANEL_PX, PICTURE_PX, Colours, explained
from vision.frame import Gray
from vision.look import Look
from vision.region import Region
from vision.render import render
from vision.render_scene import Knobs, staged

TWO = Camera(0, 1000, 400, 200, 1632, 816, (0,))
SCALE = PICTURE_PX / TWO.across_px


def one_read_one_torn() -> tuple[Gray, str]:
    """Two labels side by side, the right one rubbed off."""
    scene = staged(TWO, Knobs(parcels=2, copies=0, ean=0, qr=0), 3)
    left, right = scene.boxes
    assert right.label is not None
    torn = replace(right, label=replace(right.label, torn=0.6))
    return render(TWO, [left, torn], 3), scene.waybills[0]


@pytest.fixture(scope="module")
def told() -> tuple[Gray, Look, Colours]:
    gray, _ = one_read_one_torn()
    reader = BeltReader(budget_s=600.0)
    reader.look(gray)
    look = reader.look(gray)
    return gray, look, explained(gray, look)


def colour_along(picture: Colours, region: Region) -> tuple[int, int, int]:
    """Mean colour of the middle of a region's upper edge."""
    first, second, *_ = (np.array(corner) * SCALE for corner in corners_of(region))
    x, y = np.rint(first + 0.37 * (second - first)).astype(int)
    near = picture[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3).astype(int)
    blue, green, red = near[np.ptp(near, axis=1).argmax()].tolist()
    return blue, green, red


def test_what_was_read_is_green_and_what_was_not_is_red(told: tuple[Gray, Look, Colours]) -> None:
    _, look, picture = told
    middle = TWO.across_px / 2
    read = [region for region in look.regions if region.x_px < middle]
    torn = [region for region in look.regions if region.x_px > middle]
    assert len(look.reads) == 1 and read and torn
    for region in read:
        blue, green, red = colour_along(picture, region)
        assert green > red + 40 and green > blue + 40
    for region in torn:
        blue, green, red = colour_along(picture, region)
        assert red > green + 40 and red > blue + 40


def test_beside_the_picture_stands_a_panel_for_each_region(told: tuple[Gray, Look, Colours]) -> None:
    _, look, picture = told
    assert picture.shape[1] == PICTURE_PX + PANEL_PX
    panels = picture[:, PICTURE_PX:]
    assert (panels < 128).any(axis=2).sum() > 200 * len(look.regions), "written in"
    red = (panels[..., 2] > 150) & (panels[..., :2].max(axis=2) < 120)
    assert red.sum() > 200, "the profile that the text should give"


def test_a_picture_without_regions_is_explained_too() -> None:
    gray = np.full((30, 4000), 90, np.uint8)
    assert explained(gray, Look(())).shape[1] == PICTURE_PX + PANEL_PX


@pytest.mark.parametrize("shape", [(40_000, 20), (20, 40_000), (1, 1), (3000, 1), (1, 3000)])
def test_a_picture_is_scaled_by_its_longer_side(shape: tuple[int, int]) -> None:
    rows, columns, _ = explained(np.full(shape, 90, np.uint8), Look(())).shape
    assert rows <= PICTURE_PX and columns <= PICTURE_PX + PANEL_PX


def test_a_square_region_is_not_green_because_bars_were_read_in_it() -> None:
    region = Region(300.0, 300.0, 0.0, 200.0, 200.0, "matrix")
    bars = CodeRead("98123456789", "CODE128", ((250, 280), (350, 280), (350, 320), (250, 320)), "bars")
    for read, is_green in ((bars, False), (replace(bars, symbology="QR"), True)):
        drawn = explained(np.full((600, PICTURE_PX), 90, np.uint8), Look((read,), (), (region,)))
        blue, green, red = drawn[200, 300].astype(int).tolist()
        assert (green > red + 40) == is_green and (red > green + 40) != is_green, (blue, green, red)


def test_the_command_writes_it_beside_its_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gray, waybill = one_read_one_torn()
    cv2.imwrite(str(tmp_path / "belt.png"), gray)
    words = ["read", "--explain", "--json", str(tmp_path / "belt.png"), "--out", str(tmp_path / "out")]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["waybill"] == waybill
    drawn = cv2.imread(str(tmp_path / "out" / "belt.explained.png"))
    assert drawn is not None and drawn.shape[1] == PICTURE_PX + PANEL_PX


def test_pictures_of_one_name_are_drawn_into_files_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "x.png"), np.full((30, 40), 90, np.uint8))
    out = tmp_path / "out"
    main(["read", "--explain", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(out)])
    assert sorted(path.name for path in out.iterdir()) == ["x.1.explained.png", "x.explained.png"]
    told = capsys.readouterr().err.splitlines()
    assert "a/x.png" in told[0] and "b/x.png" in told[1]


def test_the_belts_way_is_explained_when_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gray, waybill = one_read_one_torn()
    cv2.imwrite(str(tmp_path / "belt.png"), gray)
    words = ["read", "--belt", "--explain", str(tmp_path / "belt.png"), "--out", str(tmp_path)]
    assert main(words) == 0
    assert f"CODE128 {waybill!r} [bars" in capsys.readouterr().out
    panels = cv2.imread(str(tmp_path / "belt.explained.png"))
    assert panels is not None
    red = (panels[:, PICTURE_PX:, 2] > 150) & (panels[:, PICTURE_PX:, :2].max(axis=2) < 120)
    assert red.sum() > 200, "profile and fit"


def test_an_empty_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(tmp_path)]) == 1
    assert "no files in it" in capsys.readouterr().err
