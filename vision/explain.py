"""A picture of how a picture was read: where codes were looked for, what each rung made of it, how sure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sorter.flow import Corners
from vision.causes import cause_by, corners_of, signs_of
from vision.frame import Gray
from vision.linear import Evidence, LinearRead
from vision.look import Look, Outcome, Try
from vision.places import inside
from vision.region import Region
from vision.symbology import LINEAR

Colours = NDArray[np.uint8]
"""uint8[H, W, 3], blue first."""

PICTURE_PX = 1200
PANEL_PX = 640
MOST_PANELS = 8

_PLOT_PX = 120
_LINE_PX = 18
_MARGIN_PX = 10
_WHITE, _BLACK, _GREY = (255, 255, 255), (30, 30, 30), (150, 150, 150)
_READ, _UNSURE, _NOTHING, _FIT = (60, 150, 30), (0, 140, 240), (60, 60, 210), (40, 40, 220)
_COLOUR = {Outcome.READ: _READ, Outcome.UNSURE: _UNSURE, Outcome.CONFLICT: _UNSURE, Outcome.NOTHING: _NOTHING}
_BEST = (Outcome.READ, Outcome.CONFLICT, Outcome.UNSURE, Outcome.NOTHING)


def explained(gray: Gray, look: Look) -> Colours:
    """The picture uint8[H, W] with regions, angles and reads drawn in, beside it a panel for each region.

    Its longer side is PICTURE_PX. Green = read, orange = one unsure witness or a conflict, red = nothing. In
    a panel: every rung with its time, the measured profile (black), the one that the text should give (red),
    and the likelihoods.
    """
    scale = PICTURE_PX / max(gray.shape)
    size = max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture: Colours = np.asarray(cv2.cvtColor(cv2.resize(gray, size, interpolation=how), cv2.COLOR_GRAY2BGR))
    for number, region in enumerate(look.regions, start=1):
        _draw_region(picture, number, region, _outcome(look, region), scale)
    for read in look.reads:
        _quad(picture, read.corners, _READ, scale, 3)
    panels = [_panel(gray, look, number, region) for number, region in enumerate(look.regions, start=1)]
    whole = [_lines(_whole_lines(look)), *panels[:MOST_PANELS]]
    return _beside(picture, np.vstack(whole))


def write_picture(path: str, picture: Colours) -> bool:
    """Write it in the format that the name ends in; False when that cannot be."""
    try:
        return bool(cv2.imwrite(path, picture))
    except cv2.error:
        return False


def _outcome(look: Look, region: Region) -> Outcome:
    """The best that came of a region: what of its kind was read in it counts, whoever looked."""
    alike = (read for read in look.reads if (read.symbology in LINEAR) == (region.kind == "bars"))
    if any(inside(read.corners, region) for read in alike):
        return Outcome.READ
    found = {one.outcome for one in look.tries if one.region == region}
    return next((outcome for outcome in _BEST if outcome in found), Outcome.NOTHING)


def _draw_region(picture: Colours, number: int, region: Region, outcome: Outcome, scale: float) -> None:
    colour = _COLOUR[outcome]
    _quad(picture, corners_of(region), colour, scale, 1)
    turn = math.radians(region.angle_deg)
    x, y = region.x_px * scale, region.y_px * scale
    ahead = (math.cos(turn) * region.length_px * scale / 2, math.sin(turn) * region.length_px * scale / 2)
    start, end = (round(x - ahead[0]), round(y - ahead[1])), (round(x + ahead[0]), round(y + ahead[1]))
    cv2.arrowedLine(picture, start, end, colour, 1, cv2.LINE_AA, tipLength=0.04)
    left, top = (np.array(corners_of(region)[0]) * scale).astype(int).tolist()
    _text(picture, f"{number}: {region.angle_deg:.0f} deg", (left + 4, top - 4), colour)


def _quad(picture: Colours, corners: Corners, colour: tuple[int, int, int], scale: float, width: int) -> None:
    points = np.rint(np.array(corners) * scale).astype(np.int32)
    cv2.polylines(picture, [points], True, colour, width, cv2.LINE_AA)


def _whole_lines(look: Look) -> Iterator[str]:
    late = ", time budget over" if look.late else ""
    yield f"{len(look.reads)} codes read, {len(look.regions)} regions{late}"
    for read in look.reads:
        yield f"  {read.symbology} {_ascii(read.text)} [{read.reader}]"
    for one in look.tries:
        if one.region is None:
            yield f"whole picture, {_tried(one)}"


def _panel(gray: Gray, look: Look, number: int, region: Region) -> Colours:
    """One region: its measures, its tries, and the profile where the reader of bars had one."""
    tries = [one for one in look.tries if one.region == region]
    size = f"{region.length_px:.0f} x {region.height_px:.0f} px, {region.angle_deg:.1f} deg"
    lines = [f"{number}: {region.kind}, {size}", *(f"  {_tried(one)}" for one in tries)]
    if region.kind == "bars" and _outcome(look, region) is Outcome.NOTHING:
        signs = signs_of(gray, region)
        lines.append(f"  not read: {'lines of a text, no code' if signs.words else cause_by(signs).value}")
    parts = [_lines(lines)]
    for one in tries:
        if one.answer is not None and one.answer.evidence is not None:
            parts += [_lines(_sureness(one.answer.evidence)), _plot(one.answer.evidence)]
        if isinstance(one.answer, LinearRead):
            parts.append(_lines([_quality(one.answer)]))
    return np.vstack(parts)


def _tried(one: Try) -> str:
    return f"{one.rung}: {one.outcome.value} {_ascii(one.text)} {one.took_us / 1000:.1f} ms"


def _sureness(evidence: Evidence) -> list[str]:
    margin = evidence.log_likelihood - evidence.runner_up
    return [
        f"  log-likelihood {evidence.log_likelihood:.1f}, best other text {evidence.runner_up:.1f},"
        f" margin {margin:.1f} nats"
    ]


def _quality(answer: LinearRead) -> str:
    quality = answer.quality
    return (
        f"  contrast {quality.contrast:.2f}, modulation {quality.modulation:.2f},"
        f" decodability {quality.decodability:.2f}; {quality.module_px:.2f} px/module,"
        f" blur {quality.blur_px:.1f} px"
    )


def _plot(evidence: Evidence) -> Colours:
    """Measured and fitted profile over the place along the reading axis."""
    plot: Colours = np.full((_PLOT_PX, PANEL_PX, 3), 255, np.uint8)
    greys = np.concatenate((evidence.measured, evidence.fitted))
    if not greys.size:
        return plot
    low, high = float(greys.min()), float(greys.max())
    first, last = float(evidence.place_px.min()), float(evidence.place_px.max())
    x = (evidence.place_px - first) / max(last - first, 1e-6) * (PANEL_PX - 2 * _MARGIN_PX) + _MARGIN_PX
    for values, colour, width in ((evidence.measured, _BLACK, 2), (evidence.fitted, _FIT, 1)):
        y = (high - values) / max(high - low, 1e-6) * (_PLOT_PX - 2 * _MARGIN_PX) + _MARGIN_PX
        points = np.rint(np.column_stack((x, y)) * 16).astype(np.int32)
        cv2.polylines(plot, [points], False, colour, width, cv2.LINE_AA, shift=4)
    return plot


def _lines(lines: Sequence[str] | Iterator[str]) -> Colours:
    """Lines of text under each other on white."""
    told = list(lines)
    block: Colours = np.full((_LINE_PX * len(told) + 6, PANEL_PX, 3), 255, np.uint8)
    for row, line in enumerate(told):
        _text(block, line, (_MARGIN_PX, _LINE_PX * (row + 1)), _BLACK)
    return block


def _text(picture: Colours, words: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, _WHITE, 3, cv2.LINE_AA)
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)


def _ascii(text: str) -> str:
    """The font has no other letters."""
    return text.encode("ascii", "backslashreplace").decode()[:48]


def _beside(left: Colours, right: Colours) -> Colours:
    high = max(len(left), len(right))
    sheet: Colours = np.full((high, left.shape[1] + right.shape[1], 3), 255, np.uint8)
    sheet[: len(left), : left.shape[1]] = left
    sheet[: len(right), left.shape[1] :] = right
    return sheet
