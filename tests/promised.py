"""Which promises a check of the oracle can tell, by its source: numbers of the verdicts in its reach."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tests.shared import ROOT

TOLD_AS: tuple[tuple[tuple[int, ...], str, int, str], ...] = (
    ((9,), "decisions.py:right_parcel", 42, "a read that is not this parcel's"),
    ((16, 26), "decisions.py:by_the_plan", 4, "a chute of another plan, or of another date's"),
    ((32,), "decisions.py:by_the_plan", 29, "sent to a chute that is out of service or broken"),
    ((56,), "decisions.py:by_the_plan", 6, "a class that passes an intercept"),
    ((26,), "reasons.py:follows", 8, "a record whose instants are not its events'"),
    ((26, 54), "motion.py:lively", 50, "what still hinders in the end"),
    ((13, 25, 56), "motion.py:commanded", 5, "an old order, or a place lost, diverts another"),
    ((20,), "stops.py:stands_when_told", 19, "a belt that runs on without this software"),
    ((21,), "stops.py:infeed_without_pc", 22, "an infeed that did not miss the PC in time"),
    ((28, 29, 30), "truth.py:told_truly", 8, "the record does not say where the parcel left"),
    ((32, 56), "chutes.py:usable", 7, "told a chute that is full or locked"),
    ((32,), "reasons.py:follows", 8, "a refusal without its cause"),
    ((37, 47), "records.py:stored_once", 2, "what was acknowledged is not stored, or twice"),
    ((37,), "records.py:intent_first", 3, "an order went out before it was durable"),
    ((55,), "records.py:one_outcome", 1, "a parcel without a record of its own"),
    ((56,), "motion.py:neighbours", 11, "diverted for all that, for its class"),
)  # fmt: skip
"""Promises, the check that finds their breach, the number that it bears there, and which breach that is."""


class Module(NamedTuple):
    """A module's functions and methods by name, and its constants."""

    functions: dict[str, list[ast.FunctionDef]]
    constants: dict[str, ast.expr]


@cache
def module(path: str) -> Module:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = defaultdict[str, list[ast.FunctionDef]](list)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            functions[node.name].append(node)
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    named = [(target, node.value) for node in assigned for target in node.targets]
    return Module(functions, {target.id: value for target, value in named if isinstance(target, ast.Name)})


def told_by(path: str, name: str) -> set[int]:
    """Numbers that this function's verdicts may bear, and those of what it calls in its module."""
    where = module(path)
    return {
        number
        for function in _reached(where, name)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Violation"
        for number in _numbers(node.args[0], function, where.constants)
    }


def _reached(where: Module, name: str) -> Iterator[ast.FunctionDef]:
    """The function and, over and over, whatever of its module it names; a class by its methods' names."""
    seen, ahead = set[str](), [name]
    while ahead:
        if (now := ahead.pop()) in seen:
            continue
        seen.add(now)
        for function in where.functions.get(now, ()):
            yield function
            ahead += _names(function)


def _names(node: ast.AST) -> list[str]:
    inner = list(ast.walk(node))
    names = [one.id for one in inner if isinstance(one, ast.Name)]
    return names + [one.attr for one in inner if isinstance(one, ast.Attribute)]


def _numbers(number: ast.expr, function: ast.FunctionDef, constants: dict[str, ast.expr]) -> set[int]:
    """A verdict's number as it is written, or all that its variable is given in the function."""
    names = set(_names(number))
    sources = [number, *(constants[name] for name in names & constants.keys())]
    for node in ast.walk(function):
        for target, value in _bound(node):
            if names & set(_names(target)):
                sources.append(value)
    literals = [one for source in sources for one in ast.walk(source) if isinstance(one, ast.Constant)]
    return {one.value for one in literals if type(one.value) is int}


def _bound(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Targets and what they get."""
    if isinstance(node, ast.Assign):
        return [(target, node.value) for target in node.targets]
    return [(node.target, node.iter)] if isinstance(node, ast.For) else []
