"""Pictures of parcels that could not be sorted by their codes: which, where they lie, how long they stay."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sorter.app.args import RUNS, positive
from sorter.flow import OUTCOME_OF, Decision, Effect, Event, FrameRead, FrameTag, Outcome, ParcelRecord
from vision.keeper import Keeper, Retention, picture_file
from vision.pipeline import Decoders

_SILENT_S = 5.0
FOLDER = "pictures"
"""Beside a run's journal."""


def add_pictures(sub: argparse.ArgumentParser) -> None:
    """How long pictures of exceptions are kept, and how much of them."""
    usual = Retention()
    sub.add_argument("--picture-days", type=positive, default=int(usual.days), metavar="N",
                     help=f"keep pictures of exceptions so long (default {usual.days:.0f})")  # fmt: skip
    sub.add_argument("--picture-mb", type=positive, default=usual.most_bytes // 1_000_000, metavar="N",
                     help=f"and no more than this (default {usual.most_bytes // 1_000_000})")  # fmt: skip


def keeper(args: argparse.Namespace, ring: Path, run: Path) -> Keeper:
    """What keeps the pictures of this run, and lets those of older runs go when their time is up."""
    retention = Retention(args.picture_days, args.picture_mb * 1_000_000)
    return Keeper(ring, run / FOLDER, retention, sorted(RUNS.glob(f"*/{FOLDER}")))


def keep_pictures(keeper: Keeper, value: Event | Effect) -> None:
    """Have the pictures kept of a parcel that is decided on, or ends, as an exception. Never waits.

    Every answered picture is held for as long as a parcel rides: of one that is lost or misdiverted it is
    wanted only then.
    """
    if isinstance(value, FrameRead):
        keeper.hold(value.tag)
    if isinstance(value, Decision | ParcelRecord) and OUTCOME_OF[value.why] is not Outcome.SORTED:
        for tag in value.pictures:
            keeper.keep(tag)


def tell_compiling(vision: Decoders) -> None:
    """Say so when the decoders' first start takes its minute."""
    if not vision.warm(_SILENT_S):
        print("首次启动，正在编译识读程序，约一分钟 / first start: compiling the reader, about a minute",
              file=sys.stderr, flush=True)  # fmt: skip


def kept_picture(journal: Path, tag: FrameTag) -> str:
    """The file in which a picture of the run with this journal is kept; "" when it is not."""
    path = picture_file(journal.parent / FOLDER, tag)
    return str(path) if path.is_file() else ""
