"""Pictures of every screen, made in a running hub: the ones in docs/screens are chosen among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console_screens import is_well_made
from tests.console_site import browser, hub, wait
from tests.test_app_console_browser import (
    FAULTS,
    PARCELS,
    RATE,
    becomes_administrator,
    finds_why_a_parcel_was_an_exception,
    looks_at_every_screen,
    starts,
    starts_the_line,
    stops,
)


@pytest.mark.full
@pytest.mark.timeout(420)
def test_every_screen_is_whole_in_both_languages_and_on_the_wall(tmp_path: Path) -> None:
    """Screenshots are left in the test's folder: the ones in docs/screens are chosen among them."""
    with hub(tmp_path, PARCELS, RATE, FAULTS) as site, browser(site.address) as at:
        becomes_administrator(at)
        starts_the_line(at)
        wait(lambda: at.number("#sorted") >= 60, "parcels do not arrive", 120)
        for lang in ("zh", "en"):
            looks_at_every_screen(at, lang, tmp_path)
        at.page.set_viewport_size({"width": 1920, "height": 1080})
        for name, address in (("wide", "/"), ("wall", "/?wall")):
            at.page.goto(f"{at.address}{address}")
            at.page.wait_for_timeout(800)
            assert is_well_made(at.page) == [], name
            at.page.screenshot(path=tmp_path / f"{name}.png")
        at.page.set_viewport_size({"width": 1366, "height": 768})
        at.page.goto(f"{at.address}/lang/zh")
        finds_why_a_parcel_was_an_exception(at, tmp_path)
        at.page.goto(f"{at.address}/")
        stops(at, tmp_path)
        starts(at)
        assert at.wrong == []
