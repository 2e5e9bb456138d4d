"""The line's files become a Layout and a Link; chutes and cameras that contradict each other are findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sorter.app.fitting import Source
from sorter.app.schema import CamerasFile, ChuteModel, DivertersModel, LineFile, PlcFile
from sorter.app.strict_yaml import Document, Finding
from sorter.layout import Belt, Camera, Chute, Diverter, Infeed, Layout, Link

_SIDES = {"left": -1, "right": 1}


def layout_of(line: LineFile, cameras: CamerasFile, plc: PlcFile) -> Layout:
    """The line as everything else sees it; ms become us. Chutes in the order of their ids."""
    diverters = _diverters(line.diverters)
    program = plc.program
    return Layout(
        name=line.name,
        belt=Belt(**line.belt.model_dump()),
        infeed=Infeed(**line.infeed.model_dump()),
        cameras=tuple(Camera(**camera.model_dump()) for camera in cameras.cameras),
        diverters=diverters,
        chutes=tuple(_chute(chute, line) for chute in sorted(line.chutes, key=lambda chute: chute.id)),
        end_mm=diverters[-1].pivot_mm + line.end_after_mm,
        scan_us=program.scan_ms * 1000,
        comm_timeout_us=program.comm_timeout_ms * 1000,
        ring_depth=program.ring_depth,
        window_mm=program.window_mm,
        hold_mm=program.hold_mm,
    )


def link_of(plc: PlcFile) -> Link:
    """The link to the PLC; ms become us."""
    link = plc.link
    return Link(link.host, link.port, link.unit, link.poll_ms * 1000, link.timeout_ms * 1000)


def line_findings(line: Source[LineFile]) -> Iterator[Finding]:
    """Chutes that share an id, a key or a place, or sit at no diverter; ids must be 0, 1, 2, ..."""
    doc, chutes = line.doc, line.model.chutes
    yield from _twice(doc, "key", chutes, [chute.key for chute in chutes])
    yield from _twice(doc, "diverter", chutes, [f"{chute.diverter} {chute.side}" for chute in chutes])
    free = sorted(set(range(len(chutes))) - {chute.id for chute in chutes})
    yield from _twice(doc, "id", chutes, [str(chute.id) for chute in chutes], f"; free ids: {free}")
    for index, chute in enumerate(chutes):
        if chute.id >= len(chutes):
            what = f"chute id {chute.id} leaves a gap: {len(chutes)} chutes have the ids 0-{len(chutes) - 1}"
            yield doc.at(("chutes", index, "id"), what, f"free ids: {free}")
        if chute.diverter >= line.model.diverters.count:
            what = f"there is no diverter {chute.diverter}"
            last = line.model.diverters.count - 1
            yield doc.at(("chutes", index, "diverter"), what, f"write 0-{last}, or raise diverters: count")
    infeed = line.model.infeed
    if infeed.shortest_mm > infeed.longest_mm:
        what = f"the shortest parcel ({infeed.shortest_mm} mm) is longer than the longest"
        yield doc.at(("infeed", "shortest_mm"), what, f"write at most {infeed.longest_mm}")


def camera_findings(cameras: Source[CamerasFile]) -> Iterator[Finding]:
    """Camera ids must be 0, 1, 2, ... in the order of the file: the PLC's trigger says the number."""
    for index, camera in enumerate(cameras.model.cameras):
        if camera.id != index:
            what = f"camera id {camera.id} is out of order"
            yield cameras.doc.at(("cameras", index, "id"), what, f"number the cameras in order: {index} here")


def _diverters(row: DivertersModel) -> tuple[Diverter, ...]:
    eyes = (row.first_eye_mm + number * row.pitch_mm for number in range(row.count))
    return tuple(
        Diverter(number, eye + row.eye_to_pivot_mm, eye, row.switch_ms * 1000)
        for number, eye in enumerate(eyes)
    )


def _chute(chute: ChuteModel, line: LineFile) -> Chute:
    return Chute(
        id=chute.id,
        key=chute.key,
        name_zh=chute.zh,
        name_en=chute.en,
        diverter=chute.diverter,
        side=_SIDES[chute.side],
        capacity=line.every_chute.capacity,
        fall_us=line.every_chute.fall_ms * 1000,
    )


def _twice(
    doc: Document, field: str, chutes: Sequence[ChuteModel], values: list[str], hint: str = ""
) -> Iterator[Finding]:
    """A finding for every chute whose value an earlier one has; names that one's line."""
    first: dict[str, int] = {}
    for index, (chute, value) in enumerate(zip(chutes, values, strict=True)):
        earlier = first.setdefault(value, index)
        if earlier != index:
            line = doc.marks[("chutes", earlier, field)][0]
            what = f"chute {field} {value} is already used at line {line} ({chutes[earlier].zh})"
            yield doc.at(("chutes", index, field), what, f"give {chute.zh} its own{hint}")
