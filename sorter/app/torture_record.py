"""What a long torture has done so far: a JSON file, replaced whole, from which it goes on.

It says which seeds ran, and by which sources: a record may be filled by more than one version of them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.oracle.violation import Violation
from sim.torture.coverage import Coverage
from sorter.app.segments import disk_errors
from sorter.errors import StoreError


class Record:
    """seeds = first and last; left = those still to run; done = how many are behind us.

    sources  digest of the code -> how many seeds it ran
    """

    def __init__(self, path: Path | None, seeds: tuple[int, int], mix: str | None) -> None:
        self.coverage = Coverage()
        self._path, self._head = path, {"seeds": list(seeds), "mix": mix}
        self._ran: set[int] = set()
        self.sources: Counter[str] = Counter()
        if path is not None and path.exists():
            self._load(path)
        self.done = len(self._ran)
        self.left = [seed for seed in range(seeds[0], seeds[1] + 1) if seed not in self._ran]

    def keep(self, seeds: Sequence[int]) -> None:
        """These ran and are in `coverage`."""
        self._ran.update(seeds)
        self.sources[source_digest()] += len(seeds)
        if self._path is None:
            return
        part = self._path.with_suffix(".part")
        with disk_errors(self._path):
            sums = {**vars(self.coverage), "failed": [_plain(*one) for one in self.coverage.failed]}
            whole = {**self._head, "ran": _ranges(self._ran), "sources": self.sources, "coverage": sums}
            part.write_text(json.dumps(whole), encoding="utf-8")
            os.replace(part, self._path)

    def _load(self, path: Path) -> None:
        try:
            with disk_errors(path):
                whole = json.loads(path.read_text(encoding="utf-8"))
            if {key: whole[key] for key in self._head} != self._head:
                raise StoreError(
                    f"{path}: is the record of other seeds or another mix\n  choose another file"
                )
            self._ran = {seed for first, last in whole["ran"] for seed in range(first, last + 1)}
            self.sources = Counter(whole["sources"])
            self.coverage = _coverage(whole["coverage"])
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{path}: no record of a torture ({error})\n  choose another file") from None


def _ranges(seeds: set[int]) -> list[list[int]]:
    """First and last of each run of seeds."""
    found: list[list[int]] = []
    for seed in sorted(seeds):
        if found and found[-1][1] == seed - 1:
            found[-1][1] = seed
        else:
            found.append([seed, seed])
    return found


@cache
def source_digest() -> str:
    """Of every Python file of the product and its worlds, short, hex."""
    root, digest = Path(__file__).resolve().parents[2], sha256()
    for path in sorted(path for name in ("plc", "sim", "sorter") for path in (root / name).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _plain(seed: int, mix: str, violations: tuple[Violation, ...]) -> tuple[int, str, list[dict[str, Any]]]:
    return seed, mix, [asdict(violation) for violation in violations]


def _coverage(data: dict[str, object]) -> Coverage:
    coverage = Coverage()
    for name, value in data.items():
        if isinstance(value, dict):
            value = Counter(value)
        elif isinstance(value, list):
            value = [(seed, mix, tuple(Violation(**v) for v in broken)) for seed, mix, broken in value]
        setattr(coverage, name, value)
    return coverage
