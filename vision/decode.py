"""The ladder: which decoder looks, in which order, and when it is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sorter.flow import CodeRead, Corners
from vision.frame import Gray, check_gray
from vision.symbology import SYMBOLOGIES, known
from vision.zbar import ZbarDecoder, zbar_missing
from vision.zxing import ZxingDecoder


class Decoder(Protocol):
    """Something that finds codes in a picture."""

    @property
    def name(self) -> str:
        """The rung as it appears in `CodeRead.reader`."""
        ...

    def decode(self, gray: Gray) -> list[CodeRead]:
        """Every code found in contiguous uint8[H, W], any order, repeats allowed."""
        ...


class Reader:
    """Reads whatever codes a picture holds; which of them is the waybill is not its question.

    decoders     rungs in order; the first that finds anything ends the search. Default: zxing-cpp, zbar
                 where its library is installed, zxing-cpp on the softened picture
    symbologies  for the default rungs; names as in `vision.symbology.SYMBOLOGIES`, ValueError otherwise
    """

    def __init__(
        self, decoders: Sequence[Decoder] | None = None, symbologies: Iterable[str] = SYMBOLOGIES
    ) -> None:
        names = known(symbologies)
        self._decoders = tuple(_default(names) if decoders is None else decoders)

    def read(self, gray: Gray) -> list[CodeRead]:
        """Codes in the picture uint8[H, W], each place once; ValueError for any other array.

        Corners are pixels in the order of the symbol's own top-left, top-right, bottom-right, bottom-left.
        """
        pixels = check_gray(gray)
        for decoder in self._decoders:
            reads = merge(decoder.decode(pixels))
            if reads:
                return reads
        return []


def _default(symbologies: tuple[str, ...]) -> list[Decoder]:
    decoders: list[Decoder] = [ZxingDecoder(symbologies)]
    if not zbar_missing():
        decoders.append(ZbarDecoder(symbologies))
    return [*decoders, ZxingDecoder(symbologies, soften=True)]


def merge(reads: Iterable[CodeRead]) -> list[CodeRead]:
    """The reads in order, without those that repeat the text of an earlier one at the same place."""
    kept: list[CodeRead] = []
    for read in reads:
        if not any(same_code(read, other) for other in kept):
            kept.append(read)
    return kept


def same_code(one: CodeRead, other: CodeRead) -> bool:
    """Same text and symbology, and the upright boxes around the two quads touch."""
    return (
        (one.text, one.symbology) == (other.text, other.symbology)
        and _touch(one.corners, other.corners, axis=0)
        and _touch(one.corners, other.corners, axis=1)
    )


def _touch(one: Corners, other: Corners, axis: int) -> bool:
    ours, theirs = [corner[axis] for corner in one], [corner[axis] for corner in other]
    return max(min(ours), min(theirs)) <= min(max(ours), max(theirs))
