"""The long bars' switch, the closing account of what was skipped, and what they came to."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, settings

from tests.full_result import LONG_BAR, MEASURED, RESULT, former, renew, results
from tests.native import made_once


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="also run the long bars; renews their lines in full-result.txt"
    )
    parser.addoption("--accept-decisions", action="store_true", help="make the reference journals anew")


# A busy machine makes neither an example nor its making slow. One run is as good as the next, that a landing
# depends on the change and not on luck; the full run searches anew.
settings.register_profile("every", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("each-change", settings.get_profile("every"), derandomize=True, database=None)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: a third of the tests' time is spent waiting for a clock on the wall."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_configure(config: pytest.Config) -> None:
    # A shell that puts the tests in the background has Ctrl-C ignored, and our children would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile("every" if config.getoption("--full") else "each-change")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_needs_native)  # last, for it is being made meanwhile
    for item in items:
        if item.get_closest_marker("full") is None:
            continue
        item.user_properties.append((LONG_BAR, True))
        if not config.getoption("--full"):
            item.add_marker(pytest.mark.skip(reason="long bar, runs only by ./run test --full"))


@pytest.fixture
def report_line(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Adds a measured figure to the closing summary and to the full run's result file.

    It travels with the test's report, for the test may run in a process of its own.
    """
    noted: list[tuple[str, object]] = request.node.user_properties
    return lambda text: noted.append((MEASURED, f"{request.node.nodeid}: {text}"))


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Machine code of the sources, which takes 90 s of CPU to make; None without a C compiler."""
    return made_once(tmp_path_factory)


def _needs_native(item: pytest.Item) -> bool:
    return "native" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def _native_is_begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of several processes the first has it made from the beginning on, so that none waits for it later."""
    wanted = any(map(_needs_native, request.session.items))
    if wanted and os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
        Thread(target=made_once, args=(tmp_path_factory,), daemon=True).start()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    yield
    measured = measured_lines(terminalreporter)
    for line in measured:
        terminalreporter.write_line(f"measured: {line}")
    terminalreporter.write_line(skipped_line(terminalreporter.getreports("skipped")))
    kinds = ("passed", "failed", "error", "skipped")
    found = results(report for kind in kinds for report in terminalreporter.getreports(kind))
    if config.getoption("--full"):
        renew(found)
    elif without := [one.test for one in found if one.test not in former(RESULT)]:
        terminalreporter.write_line(f"long bars without a result: {len(without)} of {len(found)}")


def measured_lines(reporter: pytest.TerminalReporter) -> list[str]:
    """What the tests measured, passed and failed alike, sorted by test."""
    reports = [report for kind in ("passed", "failed") for report in reporter.getreports(kind)]
    properties = [item for report in reports if report.when == "call" for item in report.user_properties]
    return sorted(str(text) for name, text in properties if name == MEASURED)


def skipped_line(reports: list[pytest.TestReport]) -> str:
    """`skipped: 3 (2 x reason; 1 x other)`; the most frequent reason first."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else "no reason"
        for report in reports
    )
    groups = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common())
    return f"skipped: {len(reports)}" + (f" ({groups})" if groups else "")
