"""Problems of files in Chinese beside the English they are made in: a catalogue of sentences with holes.

{} in a sentence takes any text, which is put into the {} of the other language in the same order, words of
WORDS translated. A sentence that is not here is shown in English alone; tests hold the catalogue against
every planted mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from sorter.app.problem_catalogue import DIMENSIONS, SENTENCES, TERMS, WORDS
from sorter.app.problem_catalogue_sim import SENTENCES_LAST, SENTENCES_SIM
from sorter.errors import Problem

QUOTE = "“"
"""What stands in quotes is somebody's own word and is not translated."""

_HOLE = re.compile(r"\{\}")


def bilingual(problem: Problem) -> str:
    """Two lines as `str(problem)`, each in both languages."""
    return f"{problem.where}: {both(problem.what)}\n  {both(problem.remedy)}"


def bilingual_lines(problems: Iterable[Problem]) -> list[str]:
    """All of them, line by line."""
    return [line for problem in problems for line in bilingual(problem).splitlines()]


def in_chinese(sentence: str) -> str:
    """The sentence in Chinese; "" when the catalogue lacks it."""
    for pattern, parts in _compiled():
        if found := pattern.fullmatch(sentence):
            pairs = zip(parts, (*found.groups(), ""), strict=True)
            return "".join(part + (word if part.endswith(QUOTE) else _word(word)) for part, word in pairs)
    return ""


def both(sentence: str) -> str:
    """Chinese / English; the English alone when the catalogue lacks it."""
    chinese = in_chinese(sentence)
    return f"{chinese} / {sentence}" if chinese else sentence


def _word(word: str) -> str:
    """A word of our own in Chinese; names and figures as they are."""
    for english, chinese in DIMENSIONS:
        if found := re.fullmatch(english, word):
            return found.expand(chinese)
    if " + " in word or " x " in word:
        for english, chinese in TERMS.items():
            word = word.replace(english, chinese)
    return WORDS.get(word) or word


@cache
def _compiled() -> list[tuple[re.Pattern[str], list[str]]]:
    told = SENTENCES.replace("\n| ", " | ").strip()
    sentences = SENTENCES_SIM.strip() + "\n" + told + SENTENCES_LAST.rstrip()
    rows = (line.split(" | ") for line in sentences.splitlines())
    return [(_pattern(english), _HOLE.split(chinese)) for english, chinese in rows]


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(re.escape(part) for part in _HOLE.split(english)), re.DOTALL)
