"""What a check of the machine found, for a person in two languages and for a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


class Grade(Enum):
    """ok; warning = the line sorts, but less well; failure = it does not sort."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


SIGNS = {Grade.OK: "正常 ok     ", Grade.WARNING: "提醒 warning", Grade.FAILURE: "故障 failure"}


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Both on one line; once where they are equal."""
        return self.en if self.zh == self.en else f"{self.zh} / {self.en}"


def plain(text: str) -> Text:
    """Figures and commands need no language."""
    return Text(text, text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. name is stable, for programs; the remedy is empty where there is nothing to do."""

    name: str
    grade: Grade
    detail: Text
    remedy: Text

    @property
    def ok(self) -> bool:
        """Nothing to be done here."""
        return self.grade is Grade.OK


def graded(name: str, fine: bool, detail: Text, remedy: Text, otherwise: Grade = Grade.WARNING) -> Finding:
    """Fine things need no remedy; others get `otherwise` and theirs."""
    return Finding(name, Grade.OK, detail, plain("")) if fine else Finding(name, otherwise, detail, remedy)


def failed(findings: Sequence[Finding]) -> bool:
    """True when something keeps the line from sorting; warnings do not."""
    return any(finding.grade is Grade.FAILURE for finding in findings)


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """For a person: one line each, the remedy indented below it."""
    width = max((len(finding.name) for finding in findings), default=0)
    for finding in findings:
        yield f"{SIGNS[finding.grade]}  {finding.name:{width}}  {finding.detail}"
        yield from (f"    {line}" for line in str(finding.remedy).splitlines())


def rows(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """For a program, ready for JSON."""
    return [
        {
            "name": finding.name,
            "grade": finding.grade.value,
            "zh": finding.detail.zh,
            "en": finding.detail.en,
            "remedy_zh": finding.remedy.zh,
            "remedy_en": finding.remedy.en,
        }
        for finding in findings
    ]
