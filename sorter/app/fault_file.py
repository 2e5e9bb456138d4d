"""A fault file becomes a FaultPlan for one hub, or all of its problems at once, each with its place."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sim.arrivals import Drawn
from sim.faultplan import ALWAYS, ANYWHERE, HOUR_US, WHOLE_PPM, WIRED, Cause, Fault, FaultPlan, Span
from sim.planned import Planned
from sim.upstream import marked
from sorter.app.fault_schema import FORMS, KIND_OF, SIDES, Comes, FaultModel, FaultsFile
from sorter.app.fields import nearest
from sorter.app.fitting import Source, fit
from sorter.app.strict_yaml import Document, Finding, UnreadableError, file_text, read_yaml
from sorter.errors import ConfigError, Problem
from sorter.flow import Us
from sorter.hub import Hub

_MOST_SLIP_PPM = 500_000

Names = Mapping[str, Mapping[str, int]]
"""What a key may name on this hub: key of the file -> name -> number."""


def load_faults(path: Path, hub: Hub, begins_us: Us | None = None) -> FaultPlan:
    """The plan in a file, for this hub. Raises ConfigError with everything that is wrong.

    begins_us  the time of day at which a scenario's line clock begins, whatever the file says
    """
    names = _names(hub)
    try:
        source, findings = _read(path)
    except UnreadableError as error:
        source, findings = None, [error.finding]
    return _plan(source, findings, names, str(path.parent), begins_us)


def faults_in(doc: Document, findings: list[Finding], hub: Hub, folder: str) -> FaultPlan:
    """The plan in a document read already, as `load_faults`; folder = where a problem says it stands."""
    source, misfits = fit(doc, FaultsFile)
    return _plan(source, findings + misfits, _names(hub), folder)


def _plan(
    source: Source[FaultsFile] | None,
    findings: list[Finding],
    names: Names,
    folder: str,
    begins_us: Us | None = None,
) -> FaultPlan:
    begins = begins_us if source is None or begins_us is not None else source.model.begins
    if source is not None:
        findings += _findings(source, names, begins or 0)
    if findings or source is None:
        raise ConfigError([finding.problem(folder) for finding in sorted(findings)])
    model = source.model
    return FaultPlan(model.name, tuple(_fault(one, begins or 0, names) for one in model.faults))


def add_faults(sub: argparse.ArgumentParser) -> None:
    """The option that names a fault file; `sim`, `emulate` and `demo` take the same."""
    sub.add_argument("--faults", type=Path, metavar="FILE",
                     help="what shall go wrong, e.g. configs/faults/rainy-day.yaml")  # fmt: skip


def planned(path: Path | None, hub: Hub, seed: int, drawn: Sequence[Drawn]) -> Planned | None:
    """The faults of a run of this stream; None = none are wanted. The same seed has the same faults."""
    return None if path is None else Planned(load_faults(path, hub), seed, marked(drawn))


def unwired(path: Path | None, plan: FaultPlan | None) -> None:
    """Raises ConfigError for faults of a wire where there is none, but in the emulator."""
    kinds = [] if plan is None else [fault.kind for fault in plan.faults]
    wired = sorted({kind.value for kind in kinds if kind in WIRED})
    if wired:
        remedy = "take them out, or run sorter demo or sorter emulate with this file"
        raise ConfigError([Problem(str(path), f"{', '.join(wired)}: there is no wire in sorter sim", remedy)])


def _read(path: Path) -> tuple[Source[FaultsFile] | None, list[Finding]]:
    doc, findings = read_yaml(path.name, file_text(path))
    source, misfits = fit(doc, FaultsFile)
    return source, findings + misfits


def _names(hub: Hub) -> Names:
    layout = hub.layout
    last = len(layout.eyes_mm) - 1
    return {
        "eye": {"induct": 0, **{str(eye): eye for eye in range(last + 1)}, "end": last},
        "diverter": {str(diverter.id): diverter.id for diverter in layout.diverters},
        "chute": {chute.key: chute.id for chute in layout.chutes},
        "courier": {courier.key: index for index, courier in enumerate(hub.couriers.couriers)},
    }


# ---------------------------------------------------------------- what is wrong


def _findings(source: Source[FaultsFile], names: Names, begins_us: Us) -> Iterator[Finding]:
    for index, model in enumerate(source.model.faults):
        entry = _Entry(source.doc, index, model)
        yield from entry.keys()
        yield from entry.when(begins_us)
        yield from entry.spans()
        yield from entry.targets(names)


@dataclass(frozen=True)
class _Entry:
    """One fault of the file, looked at."""

    doc: Document
    index: int
    model: FaultModel

    def at(self, name: str, what: str, remedy: str, *, key: bool = False) -> Finding:
        return self.doc.at(("faults", self.index, name), what, remedy, key=key)

    def given(self, name: str) -> bool:
        return ("faults", self.index, name) in self.doc.marks

    def keys(self) -> Iterator[Finding]:
        """Keys that this kind has no use for, and those that it lacks."""
        kind, form = self.model.kind, FORMS[KIND_OF[self.model.kind]]
        for path in self.doc.marks:
            if len(path) == 3 and path[:2] == ("faults", self.index) and path[2] not in form.takes:
                remedy = "delete it; such a fault may have: " + ", ".join(form.takes)
                yield self.at(str(path[2]), f"{kind} has no '{path[2]}'", remedy, key=True)
        for name in form.needs:
            if not self.given(name):
                yield self.at("kind", f"{kind} needs '{name}'", f"add {name}: ... to this fault")

    def when(self, begins_us: Us) -> Iterator[Finding]:
        """Whether it is said how often or when, once, and for how long where it lasts."""
        model, comes = self.model, FORMS[KIND_OF[self.model.kind]].comes
        timed = model.at is not None or model.per_hour is not None
        if model.at is not None and model.per_hour is not None:
            yield self.at("per_hour", "both at and per_hour", "delete one of them", key=True)
        if comes is Comes.BY_MOMENT and timed and model.share is not None:
            yield self.at("share", "both a share and a moment", "delete one of them", key=True)
        if not timed and (model.share is None or comes is Comes.IN_SPANS):
            ways = {Comes.IN_SPANS: "at or per_hour", Comes.BY_PARCEL: "share"}
            remedy = f"add {ways.get(comes, 'share, at or per_hour')} to this fault"
            yield self.at("kind", "it is not said how often or when", remedy)
        elif comes in (Comes.BY_SHARE, Comes.IN_SPANS) and timed is not (model.lasts is not None):
            lacks, has = ("for", "at or per_hour") if timed else ("at or per_hour", "for")
            yield self.at("kind" if timed else "for", f"{has} without {lacks}", f"add {lacks} to this fault")
        for number, at_us in enumerate(model.at or ()):
            if at_us < begins_us:
                place = ("faults", self.index, "at", number)
                clock = f"{begins_us // HOUR_US:02}:{begins_us // 60_000_000 % 60:02}"
                remedy = f"write a time of day from {clock} on, or look at begins: above"
                yield self.doc.at(place, f"before the line clock begins, at {clock}", remedy)

    def spans(self) -> Iterator[Finding]:
        """Ranges from the less to the more; given spans that are one length and do not overlap."""
        model, comes = self.model, FORMS[KIND_OF[self.model.kind]].comes
        for name, span in (("for", model.lasts), ("delay", model.delay)):
            if span is not None and span[0] > span[1]:
                yield self.at(name, "the range ends before it begins", "write the lesser time first")
        if model.slip is not None and not 0 < model.slip <= _MOST_SLIP_PPM:
            yield self.at("slip", "not a slip of more than 0% and at most 50%", "write for example 3%")
        if model.at is None or model.lasts is None or comes is Comes.BY_MOMENT:
            return
        if model.lasts[0] != model.lasts[1]:
            yield self.at("for", "a range for a fault at a given time", "write one time, or per_hour for at")
        starts = sorted(model.at)
        if any(b - a < model.lasts[1] for a, b in pairwise(starts)):
            yield self.at("at", "it begins again before it is over", "write later times or a shorter for")

    def targets(self, names: Names) -> Iterator[Finding]:
        """Names of eyes, diverters, chutes, couriers and causes that this hub or this kind does not know."""
        causes = [cause.value for cause in FORMS[KIND_OF[self.model.kind]].causes]
        known: Mapping[str, Iterable[str]] = {**names, "cause": causes}
        for name, words in known.items():
            said = getattr(self.model, name)
            if said is not None and said not in words and (name != "cause" or causes):
                yield self.at(name, f"unknown {name} '{said}'", nearest(said, words))


# ---------------------------------------------------------------- what it means


def _fault(model: FaultModel, begins_us: Us, names: Names) -> Fault:
    lasts = model.lasts or (0, 0)
    told = ((name, getattr(model, name)) for name in ("eye", "diverter", "chute"))
    places = [names[name][word] for name, word in told if word is not None]
    return Fault(
        kind=KIND_OF[model.kind],
        share_ppm=WHOLE_PPM if model.share is None else model.share,
        spans=_spans(model, begins_us),
        per_hour_milli=model.per_hour or 0,
        lasts_us=lasts,
        place=places[0] if places else ANYWHERE,
        courier=model.courier or "",
        cause=Cause(model.cause) if model.cause else None,
        delay_us=model.delay or (0, 0),
        slip_ppm=model.slip or 0,
        slide_mm=model.up_to_mm or 0,
        side=SIDES[model.side] if model.side else None,
        told=bool(model.told),
        covered=model.shows != "clear",
    )


def _spans(model: FaultModel, begins_us: Us) -> tuple[Span, ...]:
    """In order, on the line clock; a jam's are moments, for its `for` are the hands on it."""
    if model.at is None:
        return ALWAYS
    by_moment = FORMS[KIND_OF[model.kind]].comes is Comes.BY_MOMENT
    lasts_us = 0 if by_moment or model.lasts is None else model.lasts[1]
    return tuple((at_us - begins_us, at_us - begins_us + lasts_us) for at_us in sorted(set(model.at)))
