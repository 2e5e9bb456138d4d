"""Real photographs, in four orientations, by the corpus's own way of scoring, the same for everybody."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

from vision.decode import Reader
from vision.frame import Gray

CORPUS = Path(os.environ.get("SORTER_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "corpus"
BARE = {"zbar": "zbar", "zxing-cpp": "zxing", "zxing-cpp, then zbar": "casc_zx_zb"}
"""What the page calls a baseline, and what score.py does: every symbology of each library, as it comes."""


class Scored(NamedTuple):
    """One reader on all trials. wrong: pictures with a text that is not on them; time against bare zbar."""

    read: float
    within: float
    wrong: int
    time_ratio: float
    by_symbology: Mapping[str, float]


def scored(ours: str, photographs: int | None = None) -> dict[str, Scored]:
    """Our reader of photographs under this name, and the bare libraries; empty where the corpus is not there.

    photographs  the first so many only
    """
    if not (CORPUS / "score.py").is_file() or not (CORPUS / "photos").is_dir():
        return {}
    score, reader = _score(), Reader(budget_s=600.0)

    def read(gray: Gray) -> list[str]:
        return [code.text for code in reader.read(gray)]

    baselines: Mapping[str, Callable[[Gray], list[str]]] = score.baselines()
    by = {ours: read, **{BARE[name]: baselines[BARE[name]] for name in BARE}}
    with StringIO() as unread, redirect_stdout(unread), catch_warnings():
        simplefilter("ignore", ResourceWarning)  # it leaves files to be closed by the interpreter
        out, _ = score.score(str(CORPUS / "photos"), by, limit=photographs)
    names = {ours: ours, **{key: name for name, key in BARE.items()}}
    return {names[key]: _row(one) for key, one in out.items()}


def _row(one: Mapping[str, Any]) -> Scored:
    return Scored(one["read"], one["ci"], one["wrong"] + one["err"], one["time_ratio"], one["by"])


def _score() -> Any:
    """The corpus's score.py, which is no part of this repository."""
    spec = importlib.util.spec_from_file_location("corpus_score", CORPUS / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
