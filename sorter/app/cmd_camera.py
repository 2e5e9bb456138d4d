"""`sorter camera`: choosing a camera before it is bought, and measuring it once it hangs above the belt."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sorter.app.args import add_config, command, no_files, positive
from sorter.app.camera_check import outlook, told
from sorter.app.config import load_hub
from sorter.app.knee import measured
from sorter.errors import StoreError
from sorter.layout import Camera
from vision.frame import Gray
from vision.image import Unreadable, load
from vision.target import Board, Fit, View, fit, svg_of, view_of

_NO_TARGET = "没有标定板，或角点只有一行 no target in it, or only one line of its corners"


def add(commands: Any) -> None:
    """Register the group."""
    group = commands.add_parser("camera", help="选型与标定相机 / cameras: check, target, calibrate")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_check(actions)
    sub = command(actions, "target", run_target, "生成标定板 / write the target to print in true size",
                  "  sorter camera target --out target.svg\n"
                  "  sorter camera target --columns 7 --rows 5 --square-mm 30 --out small.svg")  # fmt: skip
    _add_board(sub)
    sub.add_argument("--out", type=Path, default=Path("target.svg"), metavar="SVG",
                     help="file to write (default target.svg)")  # fmt: skip
    sub = command(actions, "calibrate", run_calibrate, "标定相机 / belt mm from the target's pictures",
                  "  sorter camera calibrate frames/\n"
                  "  sorter camera calibrate one.png two.png --json")  # fmt: skip
    sub.add_argument("frames", type=Path, nargs="+", metavar="FRAMES",
                     help="pictures of one camera, or a folder of them; two with the belt moved between them "
                     "also tell how it is turned")  # fmt: skip
    _add_board(sub)
    sub.add_argument("--json", action="store_true", help="one JSON object")


def _add_check(actions: Any) -> None:
    sub = command(actions, "check", run_check, "相机够不够用 / pixels per module, blur, expected read rate",
                  "  sorter camera check configs/linzi\n"
                  "  sorter camera check configs/linzi --across-px 4096 --exposure-us 100")  # fmt: skip
    add_config(sub, optional=False)
    sub.add_argument("--module-um", type=positive, default=375, metavar="UM",
                     help="narrowest bar of the labels (default 375)")  # fmt: skip
    sub.add_argument("--exposure-us", type=positive, metavar="US",
                     help="another time that a picture is exposed (default: the camera's own)")  # fmt: skip
    sub.add_argument("--across-px", type=positive, metavar="N", help="another camera: pixels across the belt")
    sub.add_argument("--along-px", type=positive, metavar="N", help="and along it (default: square pixels)")
    sub.add_argument("--across-mm", type=positive, metavar="MM", help="another view: width across the belt")
    sub.add_argument("--along-mm", type=positive, metavar="MM", help="and along it (default: square pixels)")
    sub.add_argument("--belt-mm-s", type=positive, metavar="MM", help="another belt speed")
    sub.add_argument("--least", type=_percent, default=99.0, metavar="%",
                     help="read rate that is enough, of its lower 95 %% limit (default 99)")  # fmt: skip


def _add_board(sub: argparse.ArgumentParser) -> None:
    usual = Board()
    sub.add_argument("--columns", type=positive, default=usual.columns, metavar="N",
                     help=f"squares of the target across (default {usual.columns})")  # fmt: skip
    sub.add_argument("--rows", type=positive, default=usual.rows, metavar="N",
                     help=f"and down (default {usual.rows})")  # fmt: skip
    sub.add_argument("--square-mm", type=float, default=usual.square_mm, metavar="MM",
                     help=f"side of a printed square (default {usual.square_mm:g})")  # fmt: skip


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not a share between 0 and 100 %")
    return number


def run_check(args: argparse.Namespace) -> int:
    """What each camera will read; 1 when one of them stays below --least."""
    layout, knee = load_hub(args.config).layout, measured()
    speed = args.belt_mm_s or layout.belt.speed_mm_s
    cameras = [_other(camera, args) for camera in layout.cameras]
    outlooks = [
        outlook(camera, args.module_um, speed, args.exposure_us or camera.exposure_us, knee)
        for camera in cameras
    ]
    least = args.least / 100
    print("\n".join(line for one in outlooks for line in told(one, knee, least)))
    return 0 if all(one.low >= least for one in outlooks) else 1


def _other(camera: Camera, args: argparse.Namespace) -> Camera:
    """The camera with what the arguments change; what they leave open keeps the pixels square."""
    across_px, across_mm = args.across_px or camera.across_px, args.across_mm or camera.across_mm
    along_mm = args.along_mm or camera.along_mm
    along_px = args.along_px or round(along_mm * across_px / across_mm)
    if not (args.across_px or args.across_mm or args.along_mm):
        along_px = args.along_px or camera.along_px
    return replace(camera, across_px=across_px, across_mm=across_mm, along_px=along_px, along_mm=along_mm)


def run_target(args: argparse.Namespace) -> int:
    """Write the drawing."""
    drawing = svg_of(_board(args))
    try:
        args.out.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{args.out}: {error.strerror}\n  choose another file with --out") from None
    print(f"{args.out}: 按 100 % 打印，再量一格边长 / print it at 100 %, then measure the side of a square")
    return 0


def _board(args: argparse.Namespace) -> Board:
    if min(args.columns, args.rows) < 4 or args.columns * args.rows > 500 or not 1 <= args.square_mm <= 1000:
        raise StoreError("标定板至少 4 x 4 格、至多 500 格，每格 1 至 1000 mm / "
                         "a target has 4 x 4 to 500 squares of 1 to 1000 mm")  # fmt: skip
    return Board(args.columns, args.rows, args.square_mm)


def run_calibrate(args: argparse.Namespace) -> int:
    """What the pictures tell; 1 when the target is in none of them. Raises StoreError when they disagree."""
    board = _board(args)
    seen: list[tuple[Path, tuple[int, int], View]] = []
    files = [file for given in args.frames for file in _expanded(given)]
    if not files:
        print(no_files(args.frames), file=sys.stderr)
    for path in files:
        pixels = load(path)
        view = None if isinstance(pixels, Unreadable) else view_of(pixels, board)
        if view is None or isinstance(pixels, Unreadable):
            why = pixels.reason if isinstance(pixels, Unreadable) else _NO_TARGET
            print(f"{path}: {why}", file=sys.stderr)
        else:
            seen.append((path, _shape(pixels), view))
    if not seen:
        return 1
    if len({shape for _, shape, _ in seen}) > 1:
        raise StoreError("图片大小不一 / pictures of different sizes\n  take those of one camera")
    shape = seen[0][1]
    found = fit([view for _, _, view in seen], shape)
    if not found.agree:
        raise StoreError(_disagreeing([(path, fit([view], shape)) for path, _, view in seen]))
    print(json.dumps(asdict(found)) if args.json else "\n".join(_told(found, shape, len(seen))))
    return 0


def _disagreeing(each: list[tuple[Path, Fit]]) -> str:
    """What each picture says of the view, as they cannot all be right, and what to look at."""
    sizes = [f"  {path}: {one.across_mm:.1f} x {one.along_mm:.1f} mm" for path, one in each]
    return "\n".join([
        "各图片量得的视野不一致 / the pictures disagree about the view:", *sizes,
        "  标定板每次都要平放在皮带上，相机不动，打印比例相同 / "
        "lay the same target flat on the belt each time, under the same camera at the same height",
    ])  # fmt: skip


def _expanded(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]


def _shape(pixels: Gray) -> tuple[int, int]:
    rows, columns = pixels.shape
    return rows, columns


def _told(found: Fit, shape: tuple[int, int], pictures: int) -> list[str]:
    """For cameras.yaml and for the person on the ladder."""
    turn = "皮带未移动，无法判断 unknown: the belt did not move" if found.turn_deg is None else (
        f"{found.turn_deg:+.2f}°（顺时针为正 clockwise positive）")  # fmt: skip
    return [
        f"cameras.yaml: across_mm: {found.across_mm:.0f}, along_mm: {found.along_mm:.0f}, "
        f"across_px: {shape[1]}, along_px: {shape[0]}",
        f"  视野 view: {found.across_mm:.2f} x {found.along_mm:.2f} mm, "
        f"{shape[1] / found.across_mm:.3f} px/mm",
        f"  误差 error: {found.error_mm:.3f} mm rms, {found.worst_mm:.3f} mm 最大 worst, "
        f"{found.corners} 角点 corners, {pictures} 张 pictures"
        f"（图片间视野相差 view differs between them by {found.apart_mm:.2f} mm）",
        f"  倾斜与镜头畸变 lean and lens: 视野内最多偏 at most {found.leaning_mm:.1f} mm off in the view",
        f"  相机相对皮带转角 turned against the belt: {turn}",
    ]
