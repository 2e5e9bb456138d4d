"""Fits a document to its file's model; what does not fit becomes findings with place and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sorter.app.fields import nearest
from sorter.app.strict_yaml import Document, Finding, Path

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Source(Generic[M]):
    """A file that has its schema's form: the model and the places of its values."""

    doc: Document
    model: M


def fit(doc: Document, model: type[M]) -> tuple[Source[M] | None, list[Finding]]:
    """The document as a model, or None and everything about its form that is wrong."""
    try:
        return Source(doc, model.model_validate(doc.value)), []
    except ValidationError as error:
        return None, list(_findings(doc, model, error.errors(include_url=False)))


def _findings(doc: Document, model: type[BaseModel], errors: list[ErrorDetails]) -> Iterator[Finding]:
    mistyped: set[Path] = set()
    for error in errors:
        path, key = tuple(part for part in error["loc"] if part != "[key]"), "[key]" in error["loc"]
        if error["type"] == "extra_forbidden":
            known = _keys(model, path[:-1])
            close = difflib.get_close_matches(str(path[-1]), known, 1)
            mistyped.update((*path[:-1], word) for word in close)
            yield doc.at(path, f"unknown key '{path[-1]}'", nearest(str(path[-1]), known), key=True)
        elif error["type"] != "missing" and not _follows(error, errors):
            yield doc.at(path, *_said(error), key=key)
    for error in errors:
        if error["type"] == "missing" and error["loc"] not in mistyped:
            yield doc.at(error["loc"], f"key '{error['loc'][-1]}' is missing", "add it here")


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether a list is found empty only because what it names is wrong."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in errors
    )


def _said(error: ErrorDetails) -> tuple[str, str]:
    """What is wrong and the remedy for an error that is not about a key."""
    context = error.get("ctx", {})
    if error["type"] == "config":
        return context["what"], context["remedy"]
    if error["type"] == "too_short":
        return "nothing is named here", "name at least one, or delete the key where it may be absent"
    if error["type"] == "too_long":
        return f"more than {context['max_length']} entries", "the PLC's map has no room for more"
    if error["type"] in ("model_type", "dict_type"):
        return "a mapping is wanted here", "write key: value"
    return "a list is wanted here", "write [a, b], or one '- ' line for each"


def _keys(model: Any, path: Path) -> list[str]:
    """The keys that the model at `path` knows."""
    for part in path:
        fields = getattr(model, "model_fields", None)
        model = fields[part].annotation if fields else _item_type(model)
        if type(None) in get_args(model):  # a part that may be absent
            model = _item_type(model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _item_type(container: Any) -> Any:
    """The model in dict[Code, Model] or tuple[Model, ...]."""
    return next(arg for arg in get_args(container) if hasattr(arg, "model_fields"))
