"""kill -9 of what stands beside the controller: the PLC's emulator, the console with orders on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPException
from itertools import count as numbers
from pathlib import Path
from random import Random
from threading import Timer

import pytest

from sorter.app.console.people import People, Role
from sorter.app.desk import inbox_of
from sorter.app.inbox import put, waiting
from sorter.flow import Inducted, InterceptSet, LinkUp, Operated, PackCommand, ParcelRecord, Rebooted
from tests.console_served import Site
from tests.console_site import answers, free_port
from tests.lines import Emulated, Process, controller, count, ended_in_order, heard, journalled, told, until
from tests.linzi import FOLDER as LINZI
from tests.test_process_stops import goes_on, nothing_lost

RANDOM = Random(7)


@pytest.mark.full
def test_a_plc_that_dies_and_comes_back_leaves_every_parcel_one_record(tmp_path: Path) -> None:
    with Emulated(tmp_path, 400) as line:
        process = controller(line)
        for boot in (2, 3):
            assert goes_on(line)
            time.sleep(RANDOM.uniform(0.0, 2.0))
            line.process.killed()
            line.start(boot)
            assert until(partial(found, line, boot)), "it is found again"
            had = count(line, Inducted)
            time.sleep(0.5)
            assert count(line, Inducted) == had, "after a boot nobody moves the belt but a person"
            put(inbox_of(line.run), Operated(0, PackCommand.START))
        assert goes_on(line)
        ended_in_order(process)
    values = journalled(line)
    news = [value.pid for value in heard(values) if isinstance(value, Inducted)]
    all_told = [value.pid for value in told(line) if isinstance(value, Inducted)]
    assert len(news) == len(set(news)) and set(news) <= set(all_told)
    ended = Counter(value.pid for value in values if isinstance(value, ParcelRecord) if value.pid)
    assert set(ended.values()) == {1}
    gone = {pid for pid in news if pid >> 24 < 3}
    assert gone and gone <= set(ended), "what was on the belt when it died has its record, too"
    assert count(line, Rebooted, LinkUp) >= 3


def found(line: Emulated, boot: int) -> bool:
    return boot in [value.boot_id for value in journalled(line) if isinstance(value, LinkUp)]


@pytest.mark.full
def test_a_killed_console_loses_no_order_that_it_confirmed(tmp_path: Path) -> None:
    number = free_port()
    words = ["serve", str(LINZI), "--out", str(tmp_path / "run"), "--port", str(number)]
    words += ["--people", str(tmp_path / "people.db")]
    with closing(People(tmp_path / "people.db")) as people:
        people.add("li", "operator-1", Role.OPERATOR)
    confirmed: list[str] = []
    waybills = (f"SF{n:013}" for n in numbers(1))
    with Emulated(tmp_path, 400) as line:
        process = controller(line)
        assert goes_on(line)
        site = Site(line.run, number)
        for _ in range(3):
            console = Process(tmp_path / "console.log", *words)
            assert until(lambda: answers(number), 60)
            if not site.csrf:
                site.log_in("li", "operator-1")
            ordered_until_killed(site, console, waybills, confirmed)
        assert until(lambda: not waiting(inbox_of(line.run)), 30)
        assert goes_on(line)
        ended_in_order(process)
    nothing_lost(line)
    held = Counter(value.waybill for value in journalled(line) if isinstance(value, InterceptSet))
    assert len(confirmed) > 3 and set(confirmed) <= set(held) and set(held.values()) == {1}
    assert len(held) - len(confirmed) <= 3, "one at most was on its way when a console died"


def ordered_until_killed(site: Site, console: Process, waybills: Iterator[str], confirmed: list[str]) -> None:
    """Intercepts one after the other; the console dies in the middle of one."""
    end = Timer(RANDOM.uniform(0.5, 1.5), console.kill)
    end.start()
    with suppress(OSError, HTTPException):
        for waybill in waybills:
            if site.ask("POST", "/api/intercepts", {"waybill": waybill, "held": True})[0] == 200:
                confirmed.append(waybill)
    end.join()
    console.shut()
