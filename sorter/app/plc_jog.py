"""`sorter plc jog`: turn one diverter for a moment, in maintenance mode, on a line that stands."""

from __future__ import annotations

import time
from collections.abc import Callable

from plc.modbus import ModbusMachine
from plc.registers import MAINTENANCE, PRODUCTION
from sorter.app.findings import Text

CONNECT_S, ANSWER_S = 5.0, 2.0
SEEN_S = 0.6
"""Longer than the PLC turns the diverter: the heartbeat goes on until it stands straight again."""

_RESULTS = {
    1: Text("PLC 不支持点动，或当前状态不允许", "this PLC cannot jog, or not in this state"),
    2: Text("PLC 未允许：须停止、维护模式、安全回路闭合、格口存在",
            "not permitted: the line must stand, the safety chain be closed, the chute exist"),
    3: Text("现场为本地模式", "the line is under local control"),
}  # fmt: skip


class JogRefusedError(Exception):
    """Why the diverter was not turned."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(str(text))


def jog(machine: ModbusMachine, chute: int, period_s: float) -> None:
    """Turn the chute's diverter once and give the line back. Raises JogRefusedError.

    Nothing is written while another controller is alive. Events are looked at and left to the PLC: they
    are news for the controller that comes next.
    """
    _connect(machine, period_s)
    mailbox = machine.mailbox
    mailbox.mode_wish = MAINTENANCE
    try:
        if not _cycle(machine, period_s, ANSWER_S, lambda: _mode(machine) == MAINTENANCE):
            raise JogRefusedError(Text("未进入维护模式：产线须处于停止或就绪",
                                       "no maintenance mode: the line must be Stopped or Idle"))  # fmt: skip
        mailbox.jog(chute)
        if mailbox.refused:
            raise JogRefusedError(_RESULTS[2])
        if not _cycle(machine, period_s, ANSWER_S, lambda: not mailbox.commanding):
            raise JogRefusedError(Text("PLC 未回应点动指令", "the PLC did not answer the jog command"))
        if (result := 0 if machine.status is None else machine.status.cmd_result) != 0:
            raise JogRefusedError(_RESULTS.get(result, Text(f"结果 {result}", f"result {result}")))
        _cycle(machine, period_s, SEEN_S, lambda: False)
    finally:
        mailbox.mode_wish = PRODUCTION
        _cycle(machine, period_s, ANSWER_S, lambda: _mode(machine) == PRODUCTION)


def _connect(machine: ModbusMachine, period_s: float) -> None:
    """The link is up, and nothing has been written yet; a controller that has just left is forgotten soon."""
    _look(machine, period_s, CONNECT_S, lambda: machine.status is not None or machine.held)
    if machine.held:
        raise JogRefusedError(
            Text(f"另有控制程序在线，请先停止它：{machine.trouble}", f"{machine.trouble}: stop it first")
        )
    if machine.status is None:
        raise JogRefusedError(Text(f"未连接：{machine.trouble}", f"no link: {machine.trouble}"))


def _look(machine: ModbusMachine, period_s: float, most_s: float, done: Callable[[], bool]) -> None:
    """Poll without a word until `done`, most_s at most."""
    until = time.monotonic() + most_s
    while not done() and time.monotonic() < until:
        machine.poll()
        time.sleep(period_s)


def _cycle(machine: ModbusMachine, period_s: float, most_s: float, done: Callable[[], bool]) -> bool:
    """Poll and beat until `done`; False when that takes longer than most_s."""
    until = time.monotonic() + most_s
    while not done():
        if time.monotonic() > until:
            return False
        machine.poll()
        machine.send((), stored=False)
        time.sleep(period_s)
    return True


def _mode(machine: ModbusMachine) -> int:
    return 0 if machine.status is None else machine.status.mode
