"""Errors split by whose fault they are; our own mistakes are assertions, machine trouble is a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SorterError(Exception):
    """Base of everything this product raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file: where (file:line:column, 1-based), what is wrong, what to do."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """Two lines: the place with the mistake, then the remedy, indented."""
        return f"{self.where}: {self.what}\n  {self.remedy}"


class ConfigError(SorterError):
    """The engineer's files are wrong; carries every problem found, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        assert problems, "a ConfigError without a problem helps nobody"
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StoreError(SorterError):
    """The journal or the store cannot be trusted or written; names the file, the byte and the remedy."""


class PassingError(StoreError):
    """What was refused now may be granted later (a full disk, no pictures yet, a line that another controller
    runs): trying again makes sense.
    """
