"""Belt positions as the encoder counts them: 32 bits that wrap, compared by signed difference."""

from __future__ import annotations

from typing import Final

ENCODER_SPAN: Final = 1 << 32


def encoder_delta(later: int, earlier: int) -> int:
    """Counts from `earlier` to `later`, both u32; negative when the belt ran backwards. |delta| < 2^31."""
    return (later - earlier + (ENCODER_SPAN >> 1)) % ENCODER_SPAN - (ENCODER_SPAN >> 1)
