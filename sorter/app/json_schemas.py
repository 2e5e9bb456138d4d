"""JSON Schemas of a hub's files, so that editors complete and check them while they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sorter.app.schema import (
    CamerasFile,
    CouriersFile,
    LineFile,
    NetworkFile,
    PlanFile,
    PlcFile,
    SitesFile,
    StoreFile,
    WavesFile,
)

MODELS: Mapping[str, type[BaseModel]] = {
    "line": LineFile,
    "cameras": CamerasFile,
    "plc": PlcFile,
    "network": NetworkFile,
    "couriers": CouriersFile,
    "plan": PlanFile,
    "sites": SitesFile,
    "waves": WavesFile,
    "store": StoreFile,
}
"""A file's name without .yaml -> what it may hold."""


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one kind of file. What it cannot say - that names exist - `check` says."""
    schema = MODELS[name].model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_whole_keys(schema)}


def write_schemas(folder: Path) -> list[Path]:
    """All of them as files of this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in MODELS:
        path = folder / f"{name}.json"
        path.write_text(schema_text(name), encoding="utf-8")
        paths.append(path)
    return paths


def schema_text(name: str) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema_of(name), ensure_ascii=False, indent=1) + "\n"


def _whole_keys(schema: Any) -> Any:
    """A key is always a text to an editor, also one of digits."""
    if isinstance(schema, list):
        return [_whole_keys(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _whole_keys(part) for key, part in schema.items()}
    if isinstance(names := found.get("propertyNames"), dict):
        names.pop("type", None)
    return found
