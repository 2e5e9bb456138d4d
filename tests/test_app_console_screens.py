"""Every screen in every state of a hub, by eye and by keyboard: what is shown is whole and can be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sorter.app.config import load_hub
from sorter.codec import Value
from sorter.hub import Hub
from tests.console_played import ADMIN, LONG, flood, held, log_in, lost, nothing, played, shift_of
from tests.console_screens import READY, is_well_made
from tests.console_site import Browser, browser
from tests.linzi import FOLDER as LINZI
from tests.shared import ROOT

YUNCHENG = ROOT / "configs" / "yuncheng"
EMPTY_READY = {**READY, "overview": "#recent td", "shift": "#tables td", "maintenance": "#cameras td"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser("http://127.0.0.1:1") as one:
        yield one


FAULTY = {
    "wide": '<div style="width:3000px">x</div>',
    "clipped": '<p style="overflow:hidden;width:20px;white-space:nowrap">a long sentence</p>',
    "is empty": "<h2></h2>",
    "leaves the drawing": '<div id="line"><svg width="50"><text x="40" y="9">too far</text></svg></div>',
    "has no label": '<input style="width:60px;height:60px">',
    "too small to touch": '<button style="height:20px">x</button>',
    "is covered": '<button style="height:60px;width:60px">x</button>'
    '<div style="position:absolute;inset:0;background:#fff"></div>',
    "has contrast": '<p style="color:#aaa;background:#fff">pale</p>',
    "a script stands": "<script>1</script>",
}


@pytest.mark.parametrize("told", FAULTY)
def test_the_judge_of_screens_finds_what_it_is_for(chromium: Browser, told: str) -> None:
    chromium.page.set_content(f"<body><main>{FAULTY[told]}</main></body>")
    assert any(told in fault for fault in is_well_made(chromium.page))
    chromium.page.set_content("<body><main><p>well</p></main></body>")
    assert is_well_made(chromium.page) == []


def test_the_watch_over_a_page_hears_errors_and_foreign_hosts(chromium: Browser) -> None:
    chromium.page.set_content("<script>setTimeout(() => { throw new Error('bad') })</script>")
    chromium.page.set_content("<img src='http://127.0.0.2:9/x.png'>")
    chromium.page.wait_for_timeout(200)
    wrong, chromium.wrong = " ".join(chromium.wrong), []
    assert "page error: bad" in wrong and "contacted http://127.0.0.2" in wrong


@pytest.mark.parametrize(
    ("state", "lang"),
    [
        (flood, "zh"),
        *(
            pytest.param(*one, marks=pytest.mark.full)
            for one in ((flood, "en"), (held, "en"), (lost, "zh"), (nothing, "zh"))
        ),
    ],
)
def test_every_screen_is_whole_whatever_the_line_does(
    chromium: Browser, tmp_path: Path, state: Callable[[Hub], list[Value]], lang: str
) -> None:
    hub = load_hub(LINZI)
    with played(hub, LINZI, tmp_path, state(hub)) as site:
        log_in(chromium, site, LONG if state is flood else ADMIN)
        chromium.page.goto(f"{site.address}/lang/{lang}")
        screens = (
            EMPTY_READY if state in (flood, nothing) else {"overview": "#strip-age", "alarms": "#top tr"}
        )
        for screen, ready in screens.items():
            if screen == "people" and state is flood:
                continue  # for administrators only
            look_at(chromium, screen, ready, tmp_path / f"{screen}-{lang}.png")
        look_at(chromium, "account", "#own", tmp_path / "account.png")
    assert chromium.wrong == []


def look_at(at: Browser, screen: str, ready: str, picture: Path) -> None:
    at.open(screen)
    at.page.wait_for_selector(ready, state="attached")
    at.page.wait_for_timeout(150)
    at.page.screenshot(path=picture)
    assert is_well_made(at.page) == [], screen


def test_a_line_of_242_chutes_is_found_through_at_1366_by_768(chromium: Browser, tmp_path: Path) -> None:
    hub = load_hub(YUNCHENG)
    with played(hub, YUNCHENG, tmp_path, shift_of(hub)) as site:
        log_in(chromium, site)
        page = chromium.page
        for screen in ("overview", "chutes", "maintenance"):
            look_at(chromium, screen, EMPTY_READY[screen], tmp_path / f"{screen}.png")
        chromium.open("overview")
        page.wait_for_selector("#recent a")
        chromium.tab_to("▲")
        page.keyboard.press("Enter")
        chromium.see("#part-where", f"共 {len(hub.layout.chutes)} 个")
        assert "121" in shown_numbers(page)  # the next one that is full lies in the middle
        assert is_well_made(page) == []
        page.fill("#part-find", "200")
        page.keyboard.press("Enter")
        assert "200" in shown_numbers(page)
        chromium.open("chutes")
        page.wait_for_selector(".tile.full")
        page.get_by_role("button", name="已满").click()
        assert page.locator(".tile:visible").count() == 3
        page.get_by_role("button", name="故障").click()
        assert page.locator(".tile:visible").count() == 4
        assert "故障" in page.locator('.tile[data-chute="11"]').inner_text()
        page.get_by_role("button", name="故障").click()
        page.fill("#sought", "no such chute")
        chromium.see("#no-chutes", "没有符合的格口")
        page.get_by_role("button", name="已满").click()
        page.fill("#sought", "bag-000")
        assert page.locator(".tile:visible").count() == 1
    assert chromium.wrong == []


def shown_numbers(page: Any) -> list[str]:
    """The numbers of the chutes that the large part of the drawing shows."""
    return [one.strip() for one in page.locator("#line text.number").all_text_contents()]
