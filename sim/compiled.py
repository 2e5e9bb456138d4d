"""Compiles an engine's plain functions to machine code on first use, with numba.

An engine and the rules it calls are ordinary Python functions over integers and arrays; the plain engine
calls them as they are, the compiled one is the same source. numba is imported only here and only when
something is compiled: a short run never waits for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sim.draws import MASK, trailing_ones, wrapped

Function = TypeVar("Function", bound=Callable[..., Any])
Column = TypeVar("Column")

_registered: set[Callable[..., Any]] = set()


def compiled(function: Function, rules: Iterable[Callable[..., Any]] = ()) -> Function:
    """`function` as machine code; `rules` are the plain functions that it and they call.

    The machine code is kept between runs, under a name that changes with any source of the simulation:
    numba itself looks only at the file of `function`.
    """
    import numba
    from numba.extending import register_jitable

    folder = cache_folder()
    numba.config.CACHE_DIR = str(folder or "")
    _teach()
    for rule in rules:
        if rule not in _registered and rule not in TAUGHT:
            # Nobody calls a rule from outside: without its two entrances it compiles in 0.7 of the time.
            register_jitable(forceinline=True, no_cfunc_wrapper=True, no_cpython_wrapper=True)(rule)
            _registered.add(rule)
    made: Function = numba.njit(cache=folder is not None, nogil=True, error_model="numpy")(function)
    return made


def quotient(number: int, divisor: int) -> int:
    """Number // divisor, for number >= 0 (below 2^60) and divisor > 0.

    Compiled code multiplies by the divisor's inverse, which it computes once per loop, and corrects the
    estimate by one: a third of the time of an integer division. number / divisor is below 2^50, or the
    estimate would be off by more.
    """
    return number // divisor


def brief_quotient(number: int, divisor: int) -> int:
    """The same for 0 <= number < 2^50: in compiled code without a correction, half of the time again.

    (number + 1/2) / divisor lies at least 1/2 / divisor from every integer, further than rounding errors go.
    """
    return number // divisor


def bare(column: Column) -> Column:
    """The column itself; in compiled code the address of an array's items.

    Arrays count their references at every call, which costs more than the rules called; addresses do not.
    Whoever calls the compiled function holds the arrays, and passes lengths beside them.
    """
    return column


TAUGHT = (wrapped, trailing_ones, quotient, brief_quotient, bare)
"""What compiled code has its own way of doing."""


@cache
def _teach() -> None:
    """Teach numba all that is TAUGHT; the products of `wrapped` are unsigned, for they may wrap."""
    import numba
    import numpy
    from numba.cpython.unsafe.numbers import trailing_zeros
    from numba.extending import intrinsic, overload

    word, mask = numpy.uint64, numpy.uint64(MASK)

    @overload(wrapped, strict=False)
    def _(a: Any, b: Any, c: Any) -> Any:
        return lambda a, b, c: numpy.int64((word(a) * word(b) + word(c)) & mask)

    @overload(trailing_ones, strict=False)
    def _(bits: Any) -> Any:
        return lambda bits: numpy.int64(trailing_zeros(~bits))

    @overload(quotient, strict=False)
    def _(number: Any, divisor: Any) -> Any:
        def quotient(number: Any, divisor: Any) -> Any:
            estimate = numpy.int64(float(number) * (1.0 / float(divisor)))
            rest = number - estimate * divisor
            return estimate - (rest < 0) + (rest >= divisor)

        return quotient

    @overload(brief_quotient, strict=False)
    def _(number: Any, divisor: Any) -> Any:
        return lambda number, divisor: numpy.int64((float(number) + 0.5) * (1.0 / float(divisor)))

    @intrinsic
    def address(context: Any, array: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(signature.args[0])(context, builder, arguments[0]).data

        return numba.types.CPointer(array.dtype)(array), code

    @overload(bare, strict=False)
    def _(column: Any) -> Any:
        return lambda column: address(column)


@cache
def cache_folder() -> Path | None:
    """Where machine code is kept; None where nothing can be written (it is then compiled at every start)."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "parcel-sorting-line" / source_digest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


@cache
def source_digest() -> str:
    """SHA-256 over every source file of the simulation, hex."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
