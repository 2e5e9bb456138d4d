"""Data classes written out for mypyc, which makes them native but leaves their `__init__` to Python.

`written_out(source)` is the same module where each data class without bases has, as text, the `__init__` that
`dataclasses` would have made: machine code then builds a value without asking Python, and the value can be
pickled and keeps its hints. A `cached_property`, which mypyc computes at each look, keeps its value. A named
tuple, whose fields mypyc looks up by name, becomes such a data class with a `_replace`, but only where nobody
unpacks it. Constants are told as such. Only the compiler sees it: nothing is kept of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

KNOWN = {"frozen", "slots", "eq"}

_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9]+(_[A-Z0-9]+)*")


@dataclass(frozen=True)
class _Field:
    """One field. default = its text, "" = none; factory = text that makes its value, "" = none."""

    name: str
    hint: str
    default: str
    factory: str
    init: bool


@dataclass(frozen=True)
class _Edit:
    """Lines first to last (from 1, last included; last = first - 1: none) become `text`."""

    first: int
    last: int
    text: list[str]


def written_out(source: str, tuples: bool = False) -> str:
    """The module as the compiler gets it. tuples: its named tuples are read by name only."""
    module, lines = ast.parse(source), source.splitlines()
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    kinds = [kind for kind in classes if (tuples or not _is_named_tuple(kind)) and _options(kind) is not None]
    edits = [edit for kind in kinds for edit in _edits(kind, lines)]
    constants = [*_constants(module, lines)]
    edits += constants
    if kinds or constants:
        at = 1 + next(node.lineno for node in module.body if isinstance(node, ast.ImportFrom))
        edits.append(_Edit(at, at - 1, ["import dataclasses as _dataclasses", "import typing as _typing"]))
    edits += [_Edit(node.lineno, node.end_lineno or 0, []) for node in module.body if _makes_fast(node)]
    for edit in sorted(edits, key=lambda edit: (-edit.first, -edit.last)):
        lines[edit.first - 1 : edit.last] = edit.text
    return "\n".join([*lines, *(line for kind in kinds for line in _hints(kind))]) + "\n"


def _options(kind: ast.ClassDef) -> dict[str, bool] | None:
    """What its `@dataclass` says; None for a class that stays as it is."""
    if _is_named_tuple(kind):
        return {"frozen": True}
    if kind.bases or len(kind.decorator_list) != 1:
        return None
    mark = kind.decorator_list[0]
    words = mark.keywords if isinstance(mark, ast.Call) else []
    name = mark.func if isinstance(mark, ast.Call) else mark
    if not (isinstance(name, ast.Name) and name.id == "dataclass"):
        return None
    said = {str(word.arg): bool(ast.literal_eval(word.value)) for word in words}
    return said if said.keys() <= KNOWN else None


def _is_named_tuple(kind: ast.ClassDef) -> bool:
    return not kind.decorator_list and [ast.unparse(base) for base in kind.bases] == ["NamedTuple"]


def _makes_fast(node: ast.stmt) -> bool:
    """`made_fast(...)` gives classes an `__init__` of Python's own."""
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "made_fast"


def _constants(module: ast.Module, lines: list[str]) -> Iterator[_Edit]:
    """Constants of the module told as such: mypyc asks a dictionary for whatever may be assigned again."""
    for node in module.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and not isinstance(node.value, ast.Name):
            name, hint = node.targets[0], ""
        elif isinstance(node, ast.AnnAssign):
            name, hint = node.target, ast.unparse(node.annotation)
        else:
            continue
        if isinstance(name, ast.Name) and _CONSTANT.fullmatch(name.id) and "Final" not in hint:
            value = lines[node.lineno - 1].split(" = ", 1)[1]
            said = f"{name.id}: _typing.Final" + (f"[{hint}]" if hint else "")
            yield _Edit(node.lineno, node.lineno, [f"{said} = {value}"])


def _edits(kind: ast.ClassDef, lines: list[str]) -> Iterator[_Edit]:
    options = _options(kind) or {}
    eq, frozen = options.get("eq", True), options.get("frozen", False)
    said, tail = f"@_dataclasses.dataclass(init=False, eq={eq}, unsafe_hash={eq and frozen})", list[str]()
    if _is_named_tuple(kind):
        tail = [*_replacing(kind)]
        yield _Edit(kind.lineno, kind.lineno, [said, f"class {kind.name}:"])
    else:
        yield _Edit(kind.decorator_list[0].lineno, kind.lineno - 1, [said])
    kept = [node for node in kind.body if isinstance(node, ast.FunctionDef) and _is_cached(node)]
    for node in kept:
        yield _keeping(node, lines)
    at = _first_method(kind)
    yield _Edit(at, at - 1, [*_init(kind, kept), *_reduce(kind), *tail])


def _first_method(kind: ast.ClassDef) -> int:
    """The line of the first method, or the one behind the class."""
    for node in kind.body:
        if isinstance(node, ast.FunctionDef):
            return min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
    return (kind.body[-1].end_lineno or 0) + 1


def _fields(kind: ast.ClassDef) -> Iterator[_Field]:
    for node in kind.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, hint, value = node.target.id, ast.unparse(node.annotation), node.value
            words = _field_words(value)
            if words is None:
                yield _Field(name, hint, ast.unparse(value) if value else "", "", init=True)
            else:
                init = not ("init" in words and ast.unparse(words["init"]) == "False")
                yield _Field(name, hint, "", _made(words.get("default_factory")), init)


def _field_words(value: ast.expr | None) -> dict[str, ast.expr] | None:
    """The words of `field(...)`; None when it is no such call."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "field":
        return {str(word.arg): word.value for word in value.keywords}
    return None


def _made(factory: ast.expr | None) -> str:
    if isinstance(factory, ast.Lambda):
        return ast.unparse(factory.body)
    return f"{ast.unparse(factory)}()" if factory else ""


def _init(kind: ast.ClassDef, kept: list[ast.FunctionDef]) -> Iterator[str]:
    fields = [one for one in _fields(kind) if one.init]
    yield f"    def __init__(self, {', '.join(map(_parameter, fields))}) -> None:"
    for one in fields:
        factory = f"{one.factory} if {one.name} is None else " if one.factory else ""
        yield f"        self.{one.name} = {factory}{one.name}"
    for node in kept:
        yield f"        self._kept_{node.name}: {_returned(node)} | None = None"
    if any(isinstance(node, ast.FunctionDef) and node.name == "__post_init__" for node in kind.body):
        yield "        self.__post_init__()"


def _parameter(one: _Field) -> str:
    if one.factory:
        return f"{one.name}: {one.hint} | None = None"
    return f"{one.name}: {one.hint}" + (f" = {one.default}" if one.default else "")


def _reduce(kind: ast.ClassDef) -> Iterator[str]:
    """Pickled by what `__init__` takes."""
    values = "".join(f"self.{one.name}, " for one in _fields(kind) if one.init)
    yield "    def __reduce__(self) -> tuple[object, ...]:"
    yield f"        return ({kind.name}, ({values}))"


def _replacing(kind: ast.ClassDef) -> Iterator[str]:
    """What a named tuple has beside its fields; one call where none of them may be None."""
    fields = [*_fields(kind)]
    if any("None" in one.hint for one in fields):
        yield f"    def _replace(self, **changes: object) -> {kind.name}:"
        yield "        return _dataclasses.replace(self, **changes)  # type: ignore[arg-type]"
        return
    changes = ", ".join(f"{one.name}: {one.hint} | None = None" for one in fields)
    values = ", ".join(f"self.{one.name} if {one.name} is None else {one.name}" for one in fields)
    yield f"    def _replace(self, *, {changes}) -> {kind.name}:"
    yield f"        return {kind.name}({values})"


def _hints(kind: ast.ClassDef) -> Iterator[str]:
    """Given back after mypyc has dropped them; read by `typing.get_type_hints`."""
    hints = {one.name: one.hint for one in _fields(kind)}
    yield f"setattr({kind.name}, '__annotations__', {hints!r})"


def _is_cached(node: ast.FunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "cached_property" for mark in node.decorator_list)


def _returned(node: ast.FunctionDef) -> str:
    assert node.returns is not None, "typed strictly"
    return ast.unparse(node.returns)


def _keeping(node: ast.FunctionDef, lines: list[str]) -> _Edit:
    """The property that keeps, before the method that makes."""
    name, mark, hint = node.name, node.decorator_list[0], _returned(node)
    text = [
        "    @property",
        f"    def {name}(self) -> {hint}:",
        f"        kept = self._kept_{name}",
        "        if kept is None:",
        f"            kept = self._kept_{name} = self._make_{name}()",
        "        return kept",
        lines[node.lineno - 1].replace(f"def {name}(", f"def _make_{name}(", 1),
    ]
    return _Edit(mark.lineno, node.lineno, text)
