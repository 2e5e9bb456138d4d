"""Curves as an SVG file that stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 640, 20, 320
_COLOURS = ("#1c2127", "#2965cc", "#29a634", "#d99e0b", "#d13913", "#8f398f")
_FONT = 'font-family="system-ui, sans-serif" font-size="12" fill="#3a434d"'


PER_MODULE = "每模块像素 px per module; 读码率 read rate, any angle"


def curves(over: Sequence[float], rates: Mapping[str, Sequence[float]], told: str = PER_MODULE) -> str:
    """Read rate over px per module or what else `told` names, a named curve for each condition."""
    parts = [*_axes(over, told)]
    for number, (name, values) in enumerate(rates.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(
            f"{_x(one, over):.1f},{_y(rate):.1f}" for one, rate in zip(over, values, strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = _TOP + 16 * number
        parts.append(f'<line x1="660" y1="{y}" x2="684" y2="{y}" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="690" y="{y + 4}" {_FONT}>{name}</text>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 370" role="img"'
    parts.insert(0, f'{head} aria-label="{told}"><rect width="800" height="370" fill="#fff"/>')
    return "\n".join([*parts, "</svg>\n"])


def _axes(over: Sequence[float], told: str) -> Sequence[str]:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_RIGHT}" y2="{y:.1f}" stroke="#e3e6ea"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {_FONT}>{share:.2f}</text>')
    for one in over:
        x = _x(one, over)
        parts.append(f'<line x1="{x:.1f}" y1="{_BOTTOM}" x2="{x:.1f}" y2="{_BOTTOM + 5}" stroke="#4a5460"/>')
        parts.append(f'<text x="{x:.1f}" y="{_BOTTOM + 20}" text-anchor="middle" {_FONT}>{one:g}</text>')
    middle = (_LEFT + _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_BOTTOM + 40}" text-anchor="middle" {_FONT}>{told}</text>')
    return parts


def _x(at: float, of: Sequence[float]) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (at - of[0]) / (of[-1] - of[0])


def _y(rate: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * rate
