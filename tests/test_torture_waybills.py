"""Two parcels with one waybill in the torture: what links their records, made again from the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.oracle.journal import entries
from sim.torture.trial import told
from sorter.app.journal import read
from sorter.app.store import Store
from sorter.app.story import story
from sorter.app.torture_bench import begin


@pytest.mark.parametrize(
    ("seed", "mix"), [(1, "same-waybill"), (2, "same-waybill+kill+reboot+power-cut"), (141, "heavy")]
)
def test_of_the_parcels_of_one_waybill_each_record_names_the_one_before(
    seed: int, mix: str, tmp_path: Path
) -> None:
    """Rebuilt from the journal by the store, and told in words; beside it, by the checker's own reader."""
    _, world = told(seed, mix, begin)
    segments = world.disk.segments()
    (tmp_path / "journal").mkdir()
    for name, data in segments:
        (tmp_path / "journal" / name).write_bytes(data)
    rows = [one.row for one in entries(segments) if one.kind == "ParcelRecord" and one.row["waybill"]]
    last, links = dict[str, int](), list[tuple[int, int | None]]()
    for row in rows:
        links.append((row["pid"], last.get(row["waybill"])))
        last[row["waybill"]] = row["pid"]
    with Store(tmp_path / "store") as store:
        store.catch_up(tmp_path / "journal")
        records = [one for one in reversed(store.parcels(limit=10_000)) if one.waybill]
        before = [store.again_of(one) for one in records]
    assert [(one.pid, earlier and earlier.pid) for one, earlier in zip(records, before, strict=True)] == links
    pairs = [(pid, earlier) for pid, earlier in links if earlier is not None]
    assert len(pairs) >= 3, "the fault struck, and both were read"
    values = list(read(Path("journal"), world.disk))
    for pid, earlier in pairs:
        assert f"same waybill as parcel {earlier}, which left at" in story(values, "", {}, "en", pid)[1]
