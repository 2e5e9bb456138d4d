"""Replications kept on disk: what was computed once is not computed again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count as numbers
from pathlib import Path
from typing import Any

from sim.study.results import Replication

LARGEST_BYTES = 512 * 2**20
"""What the folder may hold; the entries used longest ago go first."""


class Cache:
    """A folder of finished replications, one file each, found by (model.key, number).

    say  told, for a person, of an entry that is damaged (it is computed again) and of a folder that cannot be
         written (nothing more is kept then); neither stops a study

    Floats are kept exactly. An entry is written aside and moved into its place, so that a reader sees all of
    it or nothing, and carries a digest of itself.
    """

    def __init__(self, folder: Path, say: Callable[[str], None], largest_bytes: int = LARGEST_BYTES) -> None:
        self._folder, self._say, self._largest_bytes = folder, say, largest_bytes
        self._writable = True
        self._asides = numbers()

    def get(self, key: str, number: int) -> Replication | None:
        """The replication, or None when it is not here."""
        path = self._path(key, number)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            self._complain(path, error)
            return None
        try:
            found = _unpacked(text, key, number)
            os.utime(path)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._complain(path, error)
            return None
        except OSError:
            pass  # somebody else's folder: it can be read but ages
        return found

    def put(self, key: str, number: int, replication: Replication) -> None:
        """Keeps a replication; the one that is there already is replaced."""
        path = self._path(key, number)
        aside = path.with_name(f"{path.name}.{os.getpid()}-{next(self._asides)}.aside")
        if not self._writable:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(_packed(key, number, replication), encoding="utf-8")
            aside.replace(path)
        except OSError as error:
            self._writable = False
            with suppress(OSError):
                aside.unlink()
            self._say(f"结果不再缓存 results are not kept: {error}")

    def trim(self) -> None:
        """Deletes the entries used longest ago until the folder holds no more than it may."""
        entries = []
        for path in self._folder.glob("*/*"):
            try:
                stat = path.stat()
            except OSError:
                continue  # another study trims the same folder
            entries.append((stat.st_mtime_ns, stat.st_size, path))
        held = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if held <= self._largest_bytes:
                return
            path.unlink(missing_ok=True)
            held -= size

    def _path(self, key: str, number: int) -> Path:
        name = hashlib.sha256(f"{key}/{number}".encode()).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.json"

    def _complain(self, path: Path, error: Exception) -> None:
        self._say(f"缓存结果损坏，重新计算 a kept result is damaged and computed again: {path} ({error})")


def _packed(key: str, number: int, replication: Replication) -> str:
    body = {
        "key": key,
        "number": number,
        "figures": {name: float(value).hex() for name, value in replication.figures.items()},
        "series": {name: [float(value).hex() for value in bins] for name, bins in replication.series.items()},
    }
    return json.dumps({"sha256": _digest(body), **body})


def _unpacked(text: str, key: str, number: int) -> Replication:
    """Raises ValueError, KeyError, TypeError or AttributeError, whatever is wrong with the text."""
    body: dict[str, Any] = json.loads(text)
    if body.pop("sha256") != _digest(body):
        raise ValueError("its digest is another")
    if (body["key"], body["number"]) != (key, number):
        raise ValueError("it belongs to another replication")
    figures = {name: float.fromhex(value) for name, value in body["figures"].items()}
    series = {name: tuple(map(float.fromhex, bins)) for name, bins in body["series"].items()}
    return Replication(figures, series)


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()
