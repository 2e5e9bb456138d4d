"""The one table of a line's dimensions: what it measures, what it must measure at least, and by which sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sorter import timing
from sorter.app.schema import CamerasFile, LineFile
from sorter.app.strict_yaml import Document, Finding, Path
from sorter.layout import Camera, Layout, Link


@dataclass(frozen=True, slots=True)
class Dimension:
    """One row. needed: the least allowed, None when the value is only a fact; source: the sum in words.

    path  where the value, or what it follows from, is written
    """

    path: Path
    zh: str
    en: str
    value: int
    unit: str
    needed: int | None
    source: str

    @property
    def ok(self) -> bool:
        """Whether the value is enough."""
        return self.needed is None or self.value >= self.needed


def line_dimensions(layout: Layout, line: LineFile) -> tuple[Dimension, ...]:
    """line.yaml: the facts, then what its distances must be at its speed and switching time."""
    return (*_facts(layout, line), *_distances(layout, line))


def camera_dimensions(layout: Layout, cameras: CamerasFile) -> tuple[Dimension, ...]:
    """cameras.yaml, per camera: resolution, the way behind the induct eye and before the first decision."""
    return tuple(
        row
        for index, camera in enumerate(layout.cameras)
        for row in _of_camera(("cameras", index), camera, layout, cameras.vision_budget_ms)
    )


def link_dimensions(layout: Layout, link: Link) -> tuple[Dimension, ...]:
    """plc.yaml: the PLC must not take the PC for lost after a single lost exchange."""
    value, timeout, poll = (us // 1000 for us in (layout.comm_timeout_us, link.timeout_us, link.poll_us))
    source = f"request timeout {timeout} + 2 polls of {poll}"
    path = ("program", "comm_timeout_ms")
    return (Dimension(path, "通讯超时", "communication timeout", value, "ms", timeout + 2 * poll, source),)


def dimension_findings(doc: Document, rows: Iterable[Dimension]) -> Iterator[Finding]:
    """A finding for each row that is not ok."""
    for row in rows:
        if not row.ok:
            what = f"{row.en} is {row.value} {row.unit}, needed {row.needed}: {row.source}"
            remedy = f"make it at least {row.needed} {row.unit}, or lessen what the sum names"
            yield doc.at(row.path, what, remedy)


def _facts(layout: Layout, line: LineFile) -> Iterator[Dimension]:
    speed, infeed, row = layout.belt.speed_mm_s, layout.infeed, line.diverters
    pitch, count = infeed.min_pitch_mm, len(layout.chutes)
    yield _fact(("belt", "speed_mm_s"), "皮带速度", "belt speed", speed, "mm/s")
    yield _fact(("infeed", "min_pitch_mm"), "每小时上限", "most parcels", speed * 3600 // pitch, "/h")
    yield _fact(("infeed", "shortest_mm"), "最短包裹", "shortest parcel", infeed.shortest_mm, "mm")
    yield _fact(("infeed", "longest_mm"), "最长包裹", "longest parcel", infeed.longest_mm, "mm")
    yield _fact(("infeed", "min_gap_mm"), "最小间隙", "minimum gap", infeed.min_gap_mm, "mm")
    yield _fact(("diverters", "count"), "摆轮数量", "wheel diverters", row.count, "")
    yield _fact(("diverters", "switch_ms"), "摆轮切换", "switching time", row.switch_ms, "ms")
    yield _fact(("chutes",), "格口数量", "chutes", count, "")
    yield _fact(("end_after_mm",), "线体长度", "induct eye to end eye", layout.end_mm, "mm")


def _fact(path: Path, zh: str, en: str, value: int, unit: str) -> Dimension:
    return Dimension(path, zh, en, value, unit, needed=None, source="")


def _distances(layout: Layout, line: LineFile) -> Iterator[Dimension]:
    row, hold, longest = line.diverters, layout.hold_mm, layout.infeed.longest_mm
    lead = timing.fire_lead_mm(layout.belt.speed_mm_s, row.switch_ms * 1000, layout.scan_us)
    pitch, to_pivot, half = layout.infeed.min_pitch_mm, row.eye_to_pivot_mm, f"longest {longest} / 2"
    path = ("infeed", "min_pitch_mm")
    needed = timing.needed_pitch_mm(lead, hold)
    yield Dimension(
        path, "最小中心距", "minimum pitch", pitch, "mm", needed, f"fire lead {lead} + hold {hold}"
    )
    needed, source = 2 * layout.window_mm, f"2 x window {layout.window_mm}"
    yield Dimension(path, "中心距与窗口", "minimum pitch to windows", pitch, "mm", needed, source)
    path = ("diverters", "eye_to_pivot_mm")
    needed = timing.needed_lead_mm(lead, longest)
    yield Dimension(path, "光电到摆轮", "eye to pivot", to_pivot, "mm", needed, f"fire lead {lead} + {half}")
    path = ("diverters", "pitch_mm")
    needed = timing.needed_spacing_mm(to_pivot, hold, longest)
    source = f"eye to pivot {to_pivot} + hold {hold} + {half}"
    yield Dimension(path, "摆轮间距", "diverter pitch", row.pitch_mm, "mm", needed, source)
    needed = timing.needed_spacing_mm(0, hold, longest)
    source = f"hold {hold} + {half}"
    end = line.end_after_mm
    yield Dimension(("end_after_mm",), "末端光电", "last pivot to end eye", end, "mm", needed, source)


def _of_camera(path: Path, camera: Camera, layout: Layout, budget_ms: int) -> Iterator[Dimension]:
    speed, longest, number = layout.belt.speed_mm_s, layout.infeed.longest_mm, camera.id
    per_m, source = (
        camera.across_px * 1000 // camera.across_mm,
        f"{camera.across_px} px, {camera.across_mm} mm",
    )
    name = f"camera {number} resolution"
    yield Dimension((*path, "across_px"), f"相机 {number} 分辨率", name, per_m, "px/m", None, source)
    path = (*path, "position_mm")
    scans, first = timing.way_mm(speed, 2 * layout.scan_us), camera.position_mm + min(camera.looks_mm)
    needed, source = timing.needed_lead_mm(scans, longest), f"2 scans {scans} + longest {longest} / 2"
    name = f"induct eye to camera {number}"
    yield Dimension(path, f"入口到相机 {number}", name, first, "mm", needed, source)
    lead = layout.diverters[0].eye_mm - camera.position_mm - max(camera.looks_mm)
    needed = timing.camera_lead_mm(speed, budget_ms * 1000, camera.along_mm, longest)
    late = f"{speed} mm/s x ({budget_ms} + {timing.DELIVERY_US // 1000} ms)"
    source = f"{late} + view {camera.along_mm} / 2 + longest {longest} / 2"
    name = f"camera {number} to first decision"
    yield Dimension(path, f"相机 {number} 到首个决策", name, lead, "mm", needed, source)
