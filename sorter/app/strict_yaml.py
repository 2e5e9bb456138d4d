"""YAML without surprises: texts, lists and mappings, each with its line and column.

PyYAML's parser gives the events; what it would do silently is a finding here: duplicate keys, anchors
and aliases, tags, a second document. Nothing is typed: `no`, `0533` and `12:30` stay text until a schema
asks for something else. Size and depth are limited.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TypeAlias

import yaml

from sorter.errors import Problem, SorterError

LARGEST = 1_000_000
DEEPEST = 16
LONGEST_SAID = 300

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A mistake, or only a doubt, at one place of one file; line and column are 1-based; sorts by place."""

    file: str
    line: int
    column: int
    what: str
    remedy: str
    doubt: bool = False

    def problem(self, folder: str) -> Problem:
        """The same for a person, the file named below its folder; safe to print whatever the file holds."""
        where = f"{folder}/{self.file}:{self.line}:{self.column}"
        return Problem(where, _printable(self.what), _printable(self.remedy))


@dataclass(frozen=True)
class Document:
    """One file's content. marks: where each value starts; keys: where the key (or item) of a value starts."""

    file: str
    value: Value
    marks: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]

    def at(self, path: Path, what: str, remedy: str, *, key: bool = False, doubt: bool = False) -> Finding:
        """A finding at the value of `path` (key: at its key); at the nearest parent when it is absent."""
        marks = self.keys if key else self.marks
        while path not in marks and path:
            path = path[:-1]
        line, column = marks.get(path, (1, 1))
        return Finding(self.file, line, column, what, remedy, doubt)


class UnreadableError(SorterError):
    """A file that has no content to look at: one finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def file_text(path: FilePath) -> str:
    """The file's text. Raises UnreadableError when it is no file, too large or not UTF-8."""
    try:
        size = path.stat().st_size
        if not path.is_file() or size > 4 * LARGEST:
            what = f"not a file of at most {4 * LARGEST} bytes"
            raise UnreadableError(Finding(path.name, 1, 1, what, "put the hub's own YAML file here"))
        return _decoded(path.name, path.read_bytes())
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        remedy = "correct its permissions"
        if isinstance(error, FileNotFoundError):
            what, remedy = "there is no such file", "look at its name and folder"
        finding = Finding(path.name, 1, 1, what, remedy)
        raise UnreadableError(finding) from None


def _decoded(file: str, data: bytes) -> str:
    remedy = "save it as UTF-8 without a byte order mark"
    if data.startswith(codecs.BOM_UTF8):
        raise UnreadableError(Finding(file, 1, 1, "begins with a byte order mark", remedy))
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        raise UnreadableError(Finding(file, 1, 1, "looks like UTF-16, not UTF-8", remedy))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        what = f"not UTF-8 (byte 0x{data[error.start]:02X}){_guess(data)}"
        raise UnreadableError(Finding(file, line, column, what, remedy)) from None


def _guess(data: bytes) -> str:
    """Said only, never acted on: what decodes as GBK may still be something else."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "; it could be GBK"


def read_yaml(file: str, text: str) -> tuple[Document, list[Finding]]:
    """The content of a YAML text and its duplicate keys, anchors and tags (the first value stands).

    Raises UnreadableError when there is no content: syntax, size, depth, nothing in it.
    """
    if len(text) > LARGEST:
        what = f"the file is too large: {len(text)} characters, at most {LARGEST}"
        raise UnreadableError(Finding(file, 1, 1, what, "split it or take out what does not belong here"))
    try:
        return _Reader(file).read(text)
    except yaml.MarkedYAMLError as error:
        raise UnreadableError(_syntax(file, error)) from None
    except yaml.reader.ReaderError as error:
        raise UnreadableError(_character(file, text, error)) from None
    except (ValueError, OverflowError):
        # PyYAML lets an impossible escape such as "\UFFFFFFFF" fall through, without a place.
        what, remedy = "not YAML: an impossible character escape", "look for a backslash in double quotes"
        raise UnreadableError(Finding(file, 1, 1, what, remedy)) from None


def _syntax(file: str, error: yaml.MarkedYAMLError) -> Finding:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = str(error.problem)
    if r"'\t'" in problem:
        return Finding(file, line, column, "a tab where YAML wants spaces", "indent with spaces only")
    what = f"not YAML: {problem}" + (f" ({error.context})" if error.context else "")
    remedy = "look at this line and the one before it: indentation, brackets, quotes, the space after a colon"
    return Finding(file, line, column, what, remedy)


def _character(file: str, text: str, error: yaml.reader.ReaderError) -> Finding:
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Finding(
        file, line, column, f"character U+{ord(text[error.position]):04X} is not allowed", "delete it"
    )


@dataclass
class _Reader:
    """Builds one document from the parser's events; recursion is bounded by DEEPEST."""

    file: str
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def read(self, text: str) -> tuple[Document, list[Finding]]:
        """Read the only document of the text."""
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            raise UnreadableError(Finding(self.file, 1, 1, "the file is empty", "fill it or restore it"))
        value = self._value(next(events), events, ())
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._find(after, "a second document begins here", "keep one document in a file, delete the ---")
        return Document(self.file, value, self.marks, self.keys), self.findings

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Value:
        self.marks[path] = _place(event)
        self.keys.setdefault(path, _place(event))
        self._refuse_magic(event)
        if len(path) > DEEPEST:
            what = f"nested deeper than {DEEPEST} levels"
            raise UnreadableError(Finding(self.file, *_place(event), what, "write it flatter"))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return event.value if isinstance(event, yaml.ScalarEvent) else ""

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise UnreadableError(
                    Finding(self.file, *_place(key), "a key must be a text", "write key: value")
                )
            self._refuse_magic(key)
            if key.value in found:
                self._duplicate(key, (*path, key.value))
                _Reader(self.file)._value(next(events), events, (*path, key.value))
                continue
            self.keys[(*path, key.value)] = _place(key)
            found[key.value] = self._value(next(events), events, (*path, key.value))
        return found

    def _duplicate(self, key: yaml.ScalarEvent, path: Path) -> None:
        first = self.keys[path][0]
        self._find(key, f"key '{key.value}' is already given at line {first}", "keep one of the two")

    def _refuse_magic(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._find(event, f"alias *{event.anchor} is not allowed", "write the value out here")
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            self._find(event, f"anchor &{event.anchor} is not allowed", "delete it")
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag:
            self._find(event, f"tag {event.tag} is not allowed", "delete it: the schema knows the type")

    def _find(self, event: yaml.Event, what: str, remedy: str) -> None:
        self.findings.append(Finding(self.file, *_place(event), what, remedy))


def _printable(text: str) -> str:
    """At most LONGEST_SAID characters, those that a terminal would obey replaced."""
    shown = text if len(text) <= LONGEST_SAID else text[:LONGEST_SAID] + "..."
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in shown)


def _place(event: yaml.Event) -> tuple[int, int]:
    assert event.start_mark is not None, "the parser marks every event of a text"
    return event.start_mark.line + 1, event.start_mark.column + 1
