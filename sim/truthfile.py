"""The judge's files: what is true of each parcel, and by which chute it physically came off."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from sim.truth import Truth
from sorter.flow import Direction, Service

_FIELDS = (
    "n", "waybill", "courier", "place", "direction", "service", "readable", "advised", "held", "waybills",
    "flaw", "length_mm",
)  # fmt: skip


def write_truths(path: Path, truths: Iterable[Truth]) -> None:
    """One row a parcel; waybills separated by blanks."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_FIELDS)
        for t in truths:
            writer.writerow(
                (t.n, t.waybill, t.courier, t.place, t.direction.value, t.service.value, int(t.readable),
                 int(t.advised), int(t.held), " ".join(t.waybills), t.flaw, t.length_mm)
            )  # fmt: skip


def read_truths(path: Path) -> list[Truth]:
    """What `write_truths` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Truth(
                n=int(row["n"]),
                waybill=row["waybill"],
                courier=row["courier"],
                place=row["place"],
                direction=Direction(row["direction"]),
                service=Service(row["service"]),
                readable=row["readable"] == "1",
                advised=row["advised"] == "1",
                held=row["held"] == "1",
                waybills=tuple(row["waybills"].split()),
                flaw=row["flaw"],
                length_mm=int(row.get("length_mm") or 0),
            )
            for row in csv.DictReader(file)
        ]


def read_left(path: Path) -> dict[int, int]:
    """Parcel number -> chute, from the emulator's rows (at_us, n, chute); empty when none came off yet."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {int(n): int(chute) for _, n, chute in csv.reader(file)}
