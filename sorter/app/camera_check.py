"""What a camera sees of a waybill: pixels per module, blur, and the share of labels that will be read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sorter.app.knee import Knee
from sorter.layout import Camera

_MOST_PX = 20_000
_BARS_MODULES, _BARS_HIGH_MODULES = 145, 50
"""Code 128 of two letters and 13 digits, without quiet zones; as high as the bars that were measured."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One camera's prospects.

    rate  expected share of whole, clean labels at any angle that are read; 0 where they do not fit the view
    low   the least that it is, with 95 % confidence: what a camera is judged by
    """

    camera: Camera
    module_um: int
    belt_mm_s: int
    exposure_us: int
    rate: float
    low: float

    @property
    def px_per_mm(self) -> float:
        """The coarser of the two directions."""
        camera = self.camera
        return min(camera.across_px / camera.across_mm, camera.along_px / camera.along_mm)

    @property
    def module_px(self) -> float:
        """Width of a module."""
        return self.px_per_mm * self.module_um / 1000

    @property
    def view_mm(self) -> int:
        """The view's shorter side."""
        return min(self.camera.across_mm, self.camera.along_mm)

    @property
    def bars_mm(self) -> float:
        """Length of a waybill's bars."""
        return _BARS_MODULES * self.module_um / 1000

    @property
    def diagonal_mm(self) -> float:
        """Of a waybill's bars: what a view must be wide at least to show them whole at any angle."""
        return math.hypot(_BARS_MODULES, _BARS_HIGH_MODULES) * self.module_um / 1000

    @property
    def blur_px(self) -> float:
        """How far the belt moves during the exposure."""
        return self.belt_mm_s * self.exposure_us / 1e6 * self.camera.along_px / self.camera.along_mm


def outlook(camera: Camera, module_um: int, belt_mm_s: int, exposure_us: int, knee: Knee) -> Outlook:
    """The camera's prospects by the measured table."""
    bare = Outlook(camera, module_um, belt_mm_s, exposure_us, 0.0, 0.0)
    if bare.diagonal_mm > bare.view_mm:
        return bare
    where = bare.module_px, bare.blur_px
    return replace(bare, rate=knee.rate(*where), low=knee.low(*where))


def told(one: Outlook, knee: Knee, least: float) -> Iterator[str]:
    """Lines for an engineer; where the lower limit is below `least`, what would lift it."""
    camera = one.camera
    moved_um = one.belt_mm_s * one.exposure_us // 1000
    yield (
        f"相机 camera {camera.id}: {camera.across_px} x {camera.along_px} px, "
        f"{camera.across_mm} x {camera.along_mm} mm, {one.px_per_mm:.2f} px/mm"
    )
    yield f"  模块 module: {one.module_um / 1000:.3f} mm = {one.module_px:.2f} px"
    yield (
        f"  运动模糊 motion blur: {one.belt_mm_s} mm/s x {one.exposure_us} us = {moved_um / 1000:.2f} mm"
        f" = {one.blur_px:.2f} px = {one.blur_px / one.module_px:.2f} 模块 modules"
    )
    yield (
        f"  预期读码率 expected read rate: {100 * one.rate:.1f} %, "
        f"95 % 置信下限 at least {_limit(one.low)} % with 95 % confidence"
    )
    yield (f"  （完好面单，任意角度 whole labels at any angle; 每点 {knee.labels} 张 labels, {knee.commit}）")
    if one.diagonal_mm > one.view_mm:
        yield f"  -> {_too_narrow(one)}"
    elif one.low < least:
        yield from (f"  -> {remedy}" for remedy in _remedies(one, knee, least))


def _limit(share: float) -> str:
    """A lower limit in percent, rounded down: what is printed holds, and may be asked for."""
    return f"{math.floor(1000 * share) / 10:.1f}"


def _too_narrow(one: Outlook) -> str:
    """Why no label can be promised to lie in the view, and how wide that must be."""
    least = f"视野每边至少 a view of at least {math.ceil(one.diagonal_mm)} mm each way"
    if one.bars_mm > one.view_mm:
        return (
            f"视野 {one.view_mm} mm 放不下 {one.bars_mm:.0f} mm 的条码 / "
            f"bars of {one.bars_mm:.0f} mm do not fit into a view of {one.view_mm} mm: {least}"
        )
    return (
        f"视野 {one.view_mm} mm 放不下任意角度的条码（对角线 {one.diagonal_mm:.0f} mm） / bars at any angle "
        f"(diagonal {one.diagonal_mm:.0f} mm) do not fit into a view of {one.view_mm} mm: {least}"
    )


def _remedies(one: Outlook, knee: Knee, least: float) -> Iterator[str]:
    """The longest exposure, or the fewest pixels across, that would reach `least`."""
    if least > knee.most:
        yield (
            f"{100 * least:g} % 无法保证，{knee.labels} 张全部读出也只证明 / cannot be promised: "
            f"{knee.labels} labels, all of them read, prove {_limit(knee.most)} %"
        )
        return
    exposure_us = _longest_exposure_us(one, knee, least)
    if exposure_us:
        yield f"曝光不超过 expose at most {exposure_us} us"
    across_px = _fewest_px(one, knee, least)
    if across_px:
        yield f"横向至少 at least {across_px} px across, 或缩小视野 or a smaller view"
    if not exposure_us and not across_px:
        yield "同时缩短曝光并提高分辨率 both a shorter exposure and more pixels"


def _longest_exposure_us(one: Outlook, knee: Knee, least: float) -> int:
    for exposure_us in range(one.exposure_us, 0, -max(1, one.exposure_us // 100)):
        blur_px = one.blur_px * exposure_us / one.exposure_us
        if knee.low(one.module_px, blur_px) >= least:
            return exposure_us
    return 0


def _fewest_px(one: Outlook, knee: Knee, least: float) -> int:
    """A finer picture also has the same movement in more pixels."""
    for across_px in range(one.camera.across_px, _MOST_PX, 16):
        finer = across_px / one.camera.across_px
        if knee.low(one.module_px * finer, one.blur_px * finer) >= least:
            return across_px
    return 0
