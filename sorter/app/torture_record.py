"""What a long torture has done so far: a JSON file, replaced whole, from which it goes on.

It says which seeds ran, and by which sources: a record may be filled by more than one version of them. What
stands in it for readers only (`told`) follows from the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.oracle.violation import Violation
from sim.torture.coverage import FLOORS_PERMILLE, Coverage
from sorter.app.machine_code import ROOT
from sorter.app.segments import disk_errors
from sorter.errors import StoreError


class Record:
    """seeds = first and last; left = those still to run; done = how many are behind us.

    sources  digest of the code -> how many seeds it ran; commits  digest -> the commit it was, if known
    """

    def __init__(self, path: Path | None, seeds: tuple[int, int], mix: str | None) -> None:
        self.coverage = Coverage()
        self._path, self._head = path, {"seeds": list(seeds), "mix": mix}
        self._ran: set[int] = set()
        self.sources: Counter[str] = Counter()
        self.commits: dict[str, str] = {}
        if path is not None and path.exists():
            self._load(path)
        self.done = len(self._ran)
        self.left = [seed for seed in range(seeds[0], seeds[1] + 1) if seed not in self._ran]

    def keep(self, seeds: Sequence[int]) -> None:
        """These ran and are in `coverage`."""
        self._ran.update(seeds)
        self.sources[source_digest()] += len(seeds)
        self.commits[source_digest()] = _commit()
        if self._path is None:
            return
        part = self._path.with_suffix(".part")
        with disk_errors(self._path):
            sums = {**vars(self.coverage), "failed": [_plain(*one) for one in self.coverage.failed]}
            by = {"sources": self.sources, "commits": self.commits}
            whole = {
                **self._head, "ran": _ranges(self._ran), **by, "coverage": sums, "told": told(self.coverage)
            }  # fmt: skip
            part.write_text(json.dumps(whole, indent=1), encoding="utf-8")
            os.replace(part, self._path)

    def made_by(self) -> list[str]:
        """For a person who keeps a record: which code ran how many of the seeds."""
        if self._path is None:
            return []
        short = {digest: commit[:12] + commit[40:] for digest, commit in self.commits.items()}
        by = [f"{digest} {short.get(digest) or '-'} {n}" for digest, n in self.sources.items()]
        return [f"代码版本 digest and commit of the code, seeds: {', '.join(by)}"]

    def interrupted(self) -> str:
        """What a person should know who has pressed Ctrl-C."""
        if self._path is None:
            return f"已中断 / interrupted after {len(self._ran)} seeds; with --record it could go on"
        return f"已中断 / interrupted, {len(self._ran)} seeds are kept; the same command goes on (续跑)"

    def _load(self, path: Path) -> None:
        try:
            with disk_errors(path):
                whole = json.loads(path.read_text(encoding="utf-8"))
            if {key: whole[key] for key in self._head} != self._head:
                raise StoreError(
                    f"{path}: is the record of other seeds or another mix\n  choose another file"
                )
            self._ran = {seed for first, last in whole["ran"] for seed in range(first, last + 1)}
            self.sources, self.commits = Counter(whole["sources"]), whole.get("commits", {})
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


def told(coverage: Coverage) -> dict[str, Any]:
    """The figures that a reader looks for: kinds of fault, floors beside shares, pace."""
    floors = {
        mix: {
            "seeds": coverage.seeds[mix], "sorted": done, "readable": of, "share_permille": 1000 * done // of,
            "floor_permille": FLOORS_PERMILLE[mix], "holds": held,
        }
        for mix, done, of, held in coverage.floors()
    }  # fmt: skip
    return {
        "broken": len(coverage.failed), "kinds_fired": len(coverage.fired), "never_fired": coverage.silent,
        "floors": floors, "line_hours": round(coverage.line_s / 3600, 1), "cpu_s": round(coverage.cpu_s),
        "pace": round(coverage.pace),
    }  # fmt: skip


@cache
def _commit() -> str:
    """The commit that is checked out, "+" behind it when files differ from it; "" where there is no git."""
    try:
        head, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head + "+" * bool(changed)


def _git(*words: str) -> str:
    said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return said.stdout.strip()


@cache
def source_digest() -> str:
    """Of every Python file of the product and its worlds, short, hex."""
    digest = sha256()
    for path in sorted(path for name in ("plc", "sim", "sorter") for path in (ROOT / name).rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _plain(seed: int, mix: str, violations: tuple[Violation, ...]) -> tuple[int, str, list[dict[str, Any]]]:
    return seed, mix, [asdict(violation) for violation in violations]


def _coverage(data: dict[str, object]) -> Coverage:
    coverage = Coverage()
    for name, value in data.items():
        if isinstance(value, dict):
            value = Counter(value)
        elif name == "failed" and isinstance(value, list):
            value = [(seed, mix, tuple(Violation(**v) for v in broken)) for seed, mix, broken in value]
        setattr(coverage, name, value)
    return coverage
