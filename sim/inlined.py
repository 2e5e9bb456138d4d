"""Puts rules in place of their calls, for the interpreter: what the compiler does with the same source.

A rule that is one expression costs the interpreter more to call than to work out. So the rules can stay
functions, one for each thing that is decided, and no engine writes them out again.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FunctionType
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
Rules = Mapping[str, tuple[ast.arguments, ast.expr]]

_PURE = (
    ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop,
    ast.expr_context,
)  # fmt: skip
"""An argument of nothing else may be worked out twice or not at all."""


def inlined(function: Function, rules: Iterable[Callable[..., Any]]) -> Function:
    """`function` and the plain functions that it and they call, `rules`, with those of one expression put in.

    A call stays a call where an argument calls something itself. `function` is not changed; what is given
    back calls copies of the rules. A name means one thing in all of them: that is asserted.
    """
    functions = {one.__name__: one for one in (*rules, function) if isinstance(one, FunctionType)}
    trees = {name: _tree(one) for name, one in functions.items()}
    bodies = {name: (tree.args, body) for name, tree in trees.items() if (body := _expression(tree))}
    space = _common([*functions.values()])
    outer = {name for body in bodies.values() for name in _outer(body)}
    for name, one in functions.items():
        hidden = outer.intersection(one.__code__.co_varnames)
        assert not hidden, f"{name} has variables of the names {hidden}"
        tree = ast.Module([_Inliner(bodies).visit(trees[name])], type_ignores=[])
        code = compile(
            ast.fix_missing_locations(tree), inspect.getfile(one), "exec",
            annotations.compiler_flag, dont_inherit=True,
        )  # fmt: skip
        exec(code, space)
    made: Function = space[function.__name__]
    return made


def _tree(function: FunctionType) -> ast.FunctionDef:
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    ast.increment_lineno(tree, first - 1)
    return tree


def _expression(tree: ast.FunctionDef) -> ast.expr | None:
    """What a function returns, if it does nothing else."""
    told = 1 if ast.get_docstring(tree) else 0
    last = tree.body[-1]
    return last.value if len(tree.body) == 1 + told and isinstance(last, ast.Return) else None


def _common(functions: Sequence[FunctionType]) -> dict[str, Any]:
    """The names that the functions use of their modules."""
    space: dict[str, Any] = {}
    for one in functions:
        for name in one.__code__.co_names:
            if name in one.__globals__:
                value = one.__globals__[name]
                assert space.setdefault(name, value) is value, f"{name} means two things"
    return space


def _outer(rule: tuple[ast.arguments, ast.expr]) -> set[str]:
    """The names of its module that an expression uses."""
    used = {node.id for node in ast.walk(rule[1]) if isinstance(node, ast.Name)}
    return used - {one.arg for one in rule[0].args}


class _Inliner(ast.NodeTransformer):
    """Puts expressions in place of calls."""

    def __init__(self, bodies: Rules) -> None:
        self.bodies = bodies

    def visit_Call(self, call: ast.Call) -> ast.AST:
        """The called rule's expression, with its own calls replaced too."""
        self.generic_visit(call)
        rule = self.bodies.get(call.func.id) if isinstance(call.func, ast.Name) else None
        pure = all(isinstance(node, _PURE) for given in call.args for node in ast.walk(given))
        if rule is None or call.keywords or not pure:
            return call
        arguments, body = rule
        given = dict(zip((one.arg for one in arguments.args), call.args, strict=True))
        put: ast.AST = _Putter(given).visit(ast.parse(ast.unparse(body), mode="eval").body)
        for node in ast.walk(put):
            ast.copy_location(node, call)
        return self.visit(put) if isinstance(put, ast.Call) else self.generic_visit(put)


class _Putter(ast.NodeTransformer):
    """Puts arguments in place of parameters."""

    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, name: ast.Name) -> ast.AST:
        """An argument, or a name of the module."""
        return self.given.get(name.id, name)
