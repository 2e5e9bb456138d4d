"""The console by keyboard alone: everything is reached in reading order and seen to be, and can be used."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sorter.app.config import load_hub
from sorter.flow import Attended, BagChanged, ChuteLocked, Coded, Operated, PackCommand, PlanOrdered
from tests.console_played import ADMIN, Played, held, log_in, played, shift_of
from tests.console_screens import READY
from tests.console_site import Browser, browser, wait
from tests.linzi import FOLDER as LINZI


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser("http://127.0.0.1:1") as one:
        yield one


_ALL = """() => [...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((one) => one.checkVisibility() && !one.disabled)
  .filter((one) => !one.closest('details:not([open]) > :not(summary)'))
  .map((one, n) => { one.dataset.n = n; return one.outerHTML.slice(0, 90); })"""
_NOW = """() => { const one = document.activeElement, style = getComputedStyle(one);
  return [one.dataset.n ?? '', style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]; }"""


def reached_by_tab(page: Any) -> tuple[list[str], list[str], list[int]]:
    """What is never reached; what is reached without a visible sign; the order of what is."""
    every: list[str] = page.evaluate(_ALL)
    seen: dict[str, bool] = {}
    page.evaluate("document.activeElement.blur()")
    for _ in range(len(every) + 3):
        page.keyboard.press("Tab")
        number, shown = page.evaluate(_NOW)
        if number:
            seen.setdefault(number, shown)
    missed = [text for n, text in enumerate(every) if str(n) not in seen]
    return missed, [every[int(n)] for n, shown in seen.items() if not shown], [int(n) for n in seen]


def test_everything_on_every_screen_is_reached_by_tab_in_reading_order_and_shows_it(
    chromium: Browser, tmp_path: Path
) -> None:
    hub = load_hub(LINZI)
    with played(hub, LINZI, tmp_path, shift_of(hub)) as site:
        log_in(chromium, site)
        for screen in (*READY, "account"):
            chromium.open(screen)
            chromium.page.wait_for_selector(READY.get(screen, "#own"), state="attached")
            chromium.page.wait_for_timeout(200)
            missed, unseen, order = reached_by_tab(chromium.page)
            assert (missed, unseen) == ([], []), screen
            falls = sum(later < earlier for earlier, later in pairwise(order))
            assert falls <= 1, screen  # once round
    assert chromium.wrong == []


def press(at: Browser, name: str, key: str = "Enter") -> None:
    """Go to a control by Tab and press a key on it."""
    at.tab_to(name)
    at.page.keyboard.press(key)


def in_dialog(page: Any) -> bool:
    return bool(page.evaluate("document.activeElement.closest('dialog') !== null"))


def holds_the_keyboard(page: Any) -> None:
    """A dialog is open, has the focus, keeps it, and gives it back where it came from."""
    page.wait_for_selector("dialog[open]")
    assert in_dialog(page)
    for _ in range(6):
        page.keyboard.press("Tab")
        assert in_dialog(page) or page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")


def test_a_dialog_keeps_the_keyboard_and_gives_it_back(chromium: Browser, tmp_path: Path) -> None:
    hub = load_hub(LINZI)
    with played(hub, LINZI, tmp_path, shift_of(hub)) as site:
        log_in(chromium, site)
        page = chromium.page
        for screen, name in (
            ("chutes", "换袋"), ("config", "退回上一个"), ("people", "停用"), ("people", "重设密码"),
        ):  # fmt: skip
            chromium.open(screen)
            page.wait_for_selector(READY[screen])
            press(chromium, name)
            holds_the_keyboard(page)
            assert page.locator(":focus").inner_text().startswith(name)
    assert chromium.wrong == []


def test_every_function_is_used_by_keyboard_alone(chromium: Browser, tmp_path: Path) -> None:
    """No mouse: each step must be found in the journal, or on the screen."""
    hub = load_hub(LINZI)
    with played(hub, LINZI, tmp_path, held(hub)) as site:
        log_in(chromium, site)
        operates(chromium, site)
        looks_things_up(chromium)
        changes_the_plan(chromium, site)
        keeps_people(chromium)
        press(chromium, "退出")
        chromium.page.wait_for_url(f"{site.address}/")
        chromium.see(".right", "登录")
    assert chromium.wrong == []


def journalled(site: Played, kind: type[Any], **parts: object) -> None:
    def there() -> bool:
        found = [one for one in site.journal() if isinstance(one, kind)]
        return any(all(getattr(one, key) == part for key, part in parts.items()) for one in found)

    wait(there, f"no {kind.__name__} {parts} was journalled", 10)


def operates(at: Browser, site: Played) -> None:
    page = at.page
    at.open("overview")
    page.wait_for_selector("#recovery:visible")
    press(at, "解除保持", "Space")
    journalled(site, Operated, command=PackCommand.UNHOLD)
    page.keyboard.press("2")
    page.wait_for_selector(".tile.full")
    press(at, "锁定")
    journalled(site, ChuteLocked, chute=0, locked=True)
    press(at, "换袋")
    page.keyboard.type("BAG-7", delay=120)
    page.keyboard.press("Enter")
    journalled(site, BagChanged, bag="BAG-7")
    page.keyboard.press("3")
    page.wait_for_selector("#alarms li[data-alarm]")
    press(at, "确认")
    journalled(site, Attended, alarm="jam-2", by=ADMIN, shelved_us=-1)
    page.wait_for_selector('[data-alarm="jam-2"]', state="detached")
    assert page.evaluate("document.activeElement.closest('[data-alarm]') !== null")  # not thrown to the top
    press(at, "搁置 15 分钟")
    journalled(site, Attended, by=ADMIN, shelved_us=900_000_000)
    at.see("#shelved", f"搁置人 {ADMIN}")
    press(at, "立即恢复")
    at.see("#shelved", "没有搁置的报警")
    page.keyboard.press("4")
    page.wait_for_selector("#waiting li[role]")
    for key in "0101":
        page.keyboard.press(key, delay=120)
        page.wait_for_timeout(120)
    page.keyboard.press("Enter")
    journalled(site, Coded, by=ADMIN)


def looks_things_up(at: Browser) -> None:
    page = at.page
    page.keyboard.press("Alt+5")  # on the coding desk a digit is a digit
    page.wait_for_selector("#exceptions td button")
    press(at, "为什么")
    at.see(".verdict", "照片里没有条码")
    page.keyboard.press("6")
    page.wait_for_selector("#tables td.number")
    page.keyboard.press("8")
    page.wait_for_selector("#cameras td")


def changes_the_plan(at: Browser, site: Played) -> None:
    page = at.page
    page.keyboard.press("7")
    page.wait_for_selector("#rules select")
    page.locator("#rules select").last.focus()
    page.keyboard.press("End")
    press(at, "1 检查")
    at.see("#changes", "->")
    press(at, "3 应用")
    page.wait_for_selector("dialog[open]")
    press(at, "确定")
    journalled(site, PlanOrdered, by=ADMIN)


def keeps_people(at: Browser) -> None:
    press(at, "用户与记录")
    at.page.wait_for_selector("[data-act=disable]:enabled")
    press(at, "停用")
    at.page.wait_for_selector("dialog[open]")
    press(at, "确定")
    at.see("table", "已停用")
    press(at, "启用")
    at.page.wait_for_selector("[data-act=disable]:enabled")
