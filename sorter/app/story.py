"""One parcel's story from the journal, for an operator: seen, read, decided why, told, left, confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest

from sorter.app.grades import MEASURES, percents
from sorter.app.story_texts import SAY
from sorter.app.texts import failure, printable, text
from sorter.codec import Value
from sorter.flow import (
    REJECT,
    UNGRADED,
    Advised,
    Answered,
    Assign,
    Coded,
    CodeRead,
    Decision,
    EventsLost,
    FrameRead,
    FrameTag,
    Inducted,
    InterceptSet,
    Left,
    LinkDown,
    NoRead,
    ParcelRecord,
    Rebooted,
    Restarted,
    Triggered,
    Us,
)

_OF_ONE = (Answered, Left, Decision, Assign, ParcelRecord, Coded)
_OF_ALL = (Triggered, FrameRead, Restarted, Rebooted, LinkDown, EventsLost)
_OF_WAYBILL = (Advised, InterceptSet, Coded)


def story(
    values: Iterable[Value],
    waybill: str,
    chutes: Mapping[int, str],
    lang: str = "zh",
    pid: int = 0,
    kept: Callable[[FrameTag], str] = lambda tag: "",
) -> list[str]:
    """Lines that tell what happened to the parcels which carried this code, oldest first.

    pid     the parcels with this number instead, whatever they carried
    chutes  names of outlets; others are called by number
    lang    "zh" or "en"
    pid     not 0: of the parcels with this number instead, whatever they carried
    kept    the file in which a picture is kept, "" = it is not
    Each line: seconds since the parcel's induction, line clock (h:mm:ss), what happened. Of the pictures
    those are told that were taken of it or gave a code of it. A parcel whose waybill another had before
    names that one. Nobody carried it: says so, and names waybills nearly like it.
    """
    history = _History(waybill, pid)
    lines = [
        line
        for way, before in history.parcels(values)
        for line in _Teller(waybill, chutes, lang, way, before, kept).lines()
    ]
    return lines or history.unknown(lang)


class _History:
    """Walks through a journal and collects what concerns the parcels with one waybill, or one number."""

    def __init__(self, waybill: str, pid: int) -> None:
        self._waybill = waybill
        self._pid = pid
        self._open: dict[int, list[Value]] = {}
        self._words: list[Value] = []
        self._recorded: dict[str, ParcelRecord] = {}

    def parcels(self, values: Iterable[Value]) -> Iterator[tuple[list[Value], ParcelRecord | None]]:
        """For each parcel that carried the waybill, everything about it, in order; the record before it of
        the waybill that it was decided by, None = there is none.
        """
        for value in values:
            if isinstance(value, Inducted):
                self._open[value.pid] = [*self._words, value]
            elif isinstance(value, _OF_ONE) and value.pid in self._open:
                self._open[value.pid].append(value)
            elif isinstance(value, _OF_ALL):
                self._everybody(value)
            elif isinstance(value, _OF_WAYBILL) and value.waybill == self._waybill:
                self._words.append(value)
                self._everybody(value)
            if isinstance(value, ParcelRecord):
                yield from self._wanted(self._open.pop(value.pid, []))
                self._recorded[value.waybill] = value
        for way in self._open.values():
            yield from self._wanted(way)

    def _everybody(self, value: Value) -> None:
        for way in self._open.values():
            way.append(value)

    def _wanted(self, way: list[Value]) -> Iterator[tuple[list[Value], ParcelRecord | None]]:
        first = next((value for value in way if isinstance(value, Inducted)), None)
        if first is not None and (first.pid == self._pid if self._pid else self._waybill in _codes(way)):
            own = _decided_by(way)
            yield way, self._recorded.get(own) if own else None

    def unknown(self, lang: str) -> list[str]:
        """What to say when nobody carried it."""
        if self._pid:
            return [SAY["no-parcel"].say(lang, pid=self._pid)]
        lines = [SAY["unknown"].say(lang, waybill=printable(self._waybill))]
        if self._words:
            lines.append(SAY["advised-only"].say(lang))
        close = [other for other in self._recorded if other and _distance(other, self._waybill) <= 3]
        nearest = nsmallest(3, close, key=lambda other: (_distance(other, self._waybill), other))
        if nearest:
            lines.append(SAY["nearest"].say(lang, waybills=", ".join(map(printable, nearest))))
        return lines


def _codes(way: Iterable[Value]) -> set[str]:
    """The waybill decided on and every code that was given to the parcel."""
    found = {value.waybill for value in way if isinstance(value, Decision | ParcelRecord)}
    return found | {read.text for value in way if isinstance(value, ParcelRecord) for read in value.reads}


def _decided_by(way: Sequence[Value]) -> str:
    """The waybill in the parcel's record; as long as it has none: of the last decision. "" = none."""
    return next((one.waybill for one in reversed(way) if isinstance(one, Decision | ParcelRecord)), "")


def _distance(one: str, other: str) -> int:
    """Length of the stretch in which two texts differ."""
    head = _alike(one, other)
    return max(len(one), len(other)) - head - _alike(one[head:][::-1], other[head:][::-1])


def _alike(one: str, other: str) -> int:
    """Length of the common beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


class _Teller:
    """One parcel's lines."""

    def __init__(
        self,
        waybill: str,
        chutes: Mapping[int, str],
        lang: str,
        way: Sequence[Value],
        before: ParcelRecord | None,
        kept: Callable[[FrameTag], str],
    ) -> None:
        self._before = before
        self._kept = kept
        self._chutes = chutes
        self._lang = lang
        self._way = way
        self._induction = next(value for value in way if isinstance(value, Inducted))
        self._record = next((value for value in way if isinstance(value, ParcelRecord)), None)
        self._waybill = waybill or next((value.waybill for value in way if isinstance(value, Decision)), "")
        pictures = (value for value in way if isinstance(value, FrameRead))
        self._tags = {picture.tag for picture in pictures if any(map(self._own, picture.reads))}
        self._tags |= set(self._record.pictures) if self._record else set()

    def lines(self) -> Iterator[str]:
        """The heading, then one line for each thing that happened."""
        waybill = printable(self._waybill) or self._say("nothing")
        yield self._say("parcel", pid=self._induction.pid, waybill=waybill)
        if self._before is not None:
            yield f"  {self._again(self._before)}"
        at_us = self._induction.at_us
        for value in self._way:
            at_us = getattr(value, "at_us", at_us)
            yield from (self._line(at_us, words) for words in self._words(value))
        if self._record is None:
            yield self._line(at_us, self._say("open"))

    def _again(self, before: ParcelRecord) -> str:
        """Whose waybill it was before: when and where that one left."""
        outcome, chute = text(before.outcome, self._lang), self._chute(before.left)
        return self._say("again", pid=before.pid, time=_clock(before.left_us), chute=chute, outcome=outcome)

    def _line(self, at_us: Us, words: str) -> str:
        since_s = (at_us - self._induction.at_us) / 1e6
        return f"  {since_s:+9.3f} s  {_clock(at_us)}  {words}"

    def _words(self, value: Value) -> list[str]:
        """What one value tells of this parcel, in sentences."""
        match value:
            case Inducted():
                return [self._say("seen", length=value.length_mm, encoder=value.encoder)]
            case Triggered() if FrameTag(value.camera, value.frame, value.encoder) in self._tags:
                return [self._say("picture", camera=value.camera, frame=value.frame)]
            case FrameRead():
                return self._answer(value)
            case Decision():
                return [self._decided(value)]
            case Assign():
                alternate = (
                    self._say("nothing") if value.alternate == REJECT else self._chute(value.alternate)
                )
                told = {"chute": self._chute(value.chute), "alternate": alternate}
                return [self._say("sent", **told, deadline=value.deadline_encoder)]
            case Coded():
                what = " ".join(filter(None, (value.waybill, value.place, value.mark.value)))
                return [self._say("coded", by=printable(value.by), what=printable(what))]
            case Answered():
                return [self._say("answered", verdict=text(value.verdict, self._lang))]
            case Left():
                result = text(value.result, self._lang)
                return [self._say("left", chute=self._chute(value.chute), result=result)]
            case ParcelRecord():
                outcome, why = (text(key, self._lang) for key in (value.outcome, value.why))
                return [self._say("outcome", outcome=outcome, why=why), *self._files(value)]
            case Advised():
                place = printable(value.place) or self._say("nothing")
                return [self._say("advised", courier=printable(value.courier), place=place)]
            case InterceptSet():
                return [self._say("held" if value.held else "freed")]
            case EventsLost():
                return [self._say("events-lost", count=value.count)]
            case Restarted() | Rebooted() | LinkDown():
                return [self._say(type(value).__name__)]
        return []

    def _decided(self, decision: Decision) -> str:
        return self._say(
            "decided",
            chute=self._chute(decision.chute),
            why=text(decision.why, self._lang),
            rule=decision.rule or self._say("nothing"),
            plan=decision.plan_version or self._say("nothing"),
        )

    def _answer(self, picture: FrameRead) -> list[str]:
        """What a picture gave for this parcel; when it gave nothing: why, as far as the record knows."""
        reads = [self._read(read) for read in picture.reads if self._own(read)]
        if reads or picture.tag not in self._tags or self._record is None:
            return reads
        if picture.failure:
            return [self._say("failed", failure=failure(picture.failure, self._lang))]
        known = self._record.cause is not NoRead.NONE
        return [self._say("unread", cause=text(self._record.cause, self._lang))] if known else []

    def _files(self, record: ParcelRecord) -> list[str]:
        files = filter(None, map(self._kept, record.pictures))
        return [self._say("kept", file=file) for file in files]

    def _read(self, read: CodeRead) -> str:
        key = "read" if read.text == self._waybill else "other"
        told = self._say(key, code=printable(read.text), symbology=read.symbology, reader=read.reader)
        if read.grade == UNGRADED:
            return told
        return told + self._say("grade", **dict(zip(MEASURES, percents(read.grade), strict=True)))

    def _own(self, read: CodeRead) -> bool:
        """The code was given to this parcel; as long as it has no record: it is the waybill."""
        return read in self._record.reads if self._record else read.text == self._waybill

    def _chute(self, chute: int) -> str:
        unnamed = self._say("end") if chute == REJECT else self._say("chute", chute=chute)
        return self._chutes.get(chute, unnamed)

    def _say(self, key: str, **values: object) -> str:
        return SAY[key].say(self._lang, **values)


def _clock(at_us: Us) -> str:
    """Line time as h:mm:ss.mmm, rounded down."""
    seconds, us = divmod(at_us, 1_000_000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{us // 1000:03d}"
