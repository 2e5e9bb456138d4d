"""waves.yaml becomes the waves of a day; two that run at once are a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sorter.app.fitting import Source
from sorter.app.schema import WavesFile
from sorter.app.strict_yaml import Finding
from sorter.hub import Wave


def waves_of(file: WavesFile) -> tuple[Wave, ...]:
    """The waves in the order of the file."""
    return tuple(Wave(name, wave.begins, wave.ends) for name, wave in file.waves.items())


def wave_findings(source: Source[WavesFile]) -> Iterator[Finding]:
    """Waves that never run, and those that begin while another one runs."""
    waves = waves_of(source.model)
    for wave in waves:
        if wave.begins == wave.ends:
            what = f"wave {wave.name} ends when it begins"
            yield source.doc.at(("waves", wave.name, "to"), what, "correct one of the two times")
    for one, other in combinations([wave for wave in waves if wave.begins != wave.ends], 2):
        if one.runs_at(other.begins) or other.runs_at(one.begins):
            what = f"wave {other.name} runs while {one.name} does"
            remedy = "let a wave begin when the one before it has ended"
            yield source.doc.at(("waves", other.name, "from"), what, remedy)
