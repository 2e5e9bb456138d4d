"""Kept pictures of exceptions, for people who have logged in: they show names and addresses."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import FileResponse

from sorter.app.console.people import Role
from sorter.app.console.sessions import REFUSED, person
from sorter.app.exceptions import FOLDER

router = APIRouter()

Name = Annotated[str, Path(pattern=r"^[0-9]{1,5}-[0-9]{5}-[0-9]{10}\.jpg$")]


@router.get("/api/pictures/{name}", response_class=FileResponse, responses={**REFUSED, 404: {}})
def picture(request: Request, name: Name) -> FileResponse:
    """One picture. 403 for observers, 404 when it is not kept any more."""
    if person(request).role < Role.OPERATOR:
        raise HTTPException(403, "not-allowed")
    file = request.app.state.desk.follower.folder / FOLDER / name
    if not file.is_file():
        raise HTTPException(404, "no-picture")
    return FileResponse(file, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
