"""Alarms: what needs a person's action, with cause, consequence and action; and their life.

An alarm is active or cleared, acknowledged or not; what is cleared and acknowledged is history. A shelved
alarm is out of the list until its time is up. Practice: ISA-18.2. Everything is told by the journal's
notices, so that a console that starts late knows the same alarms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from sorter.app.texts import Text
from sorter.flow import Notice, Us

HISTORY = 500


class Priority(IntEnum):
    """1 at once (red square), 2 soon (amber triangle), 3 this shift (yellow circle)."""

    NOW = 1
    SOON = 2
    SHIFT = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """What a notice means to a person. latched: it has no end of its own, acknowledging ends it."""

    priority: Priority
    cause: Text
    action: Text
    latched: bool = False


KINDS: Mapping[str, Kind] = {
    "link-down": Kind(
        Priority.NOW,
        Text(
            "本机与 PLC 的连接断开，包裹全部走异常口",
            "the PLC is not reachable, every parcel rides to the exception end",
        ),
        Text(
            "检查 PLC 电源和网线；恢复后自动重连",
            "check the PLC's power and the network cable; the link comes back by itself",
        ),
    ),
    "comm-1": Kind(
        Priority.NOW,
        Text("PLC 收不到本机心跳，已停止进件", "the PLC hears no heartbeat and has stopped the infeed"),
        Text("检查网络；恢复后按“启动”", "check the network; press Start when it is back"),
    ),
    "comm-4": Kind(
        Priority.NOW,
        Text("另一台主机正在控制这台 PLC", "another computer is in charge of this PLC"),
        Text("停掉多余的控制程序", "stop the controller that is too many"),
        latched=True,
    ),
    "jam": Kind(
        Priority.NOW,
        Text("光电被挡的时间超过一件包裹", "an eye is covered for longer than a parcel can cover it"),
        Text(
            "停线，取下堵住的包裹，放到进件口，再启动",
            "stop, take the jammed parcel off, put it on the infeed, start",
        ),
        latched=True,
    ),
    "diverter-turned": Kind(
        Priority.NOW,
        Text(
            "摆轮未回正，连续两件被误分，产线已保持",
            "a diverter stands turned, it took two parcels that were not sent there; the line is held",
        ),
        Text(
            "修好摆轮，核对该格口里最后两件，再解除保持",
            "mend the diverter, look at the last two parcels of its chute, then unhold",
        ),
        latched=True,
    ),
    "belt-slip": Kind(
        Priority.NOW,
        Text(
            "包裹比编码器所示来得晚，疑似打滑；分不清的走异常口",
            "parcels come later than the encoder says; those in doubt ride to the exception end",
        ),
        Text("检查皮带张紧、驱动滚筒和编码器轮", "look at belt tension, drive drum and encoder wheel"),
    ),
    "encoder": Kind(
        Priority.NOW,
        Text("皮带应转而编码器不动", "the belt should move and its encoder does not"),
        Text("检查皮带与编码器轮，处理后清除故障", "check belt and encoder wheel, then clear the fault"),
    ),
    "journal-failed": Kind(
        Priority.NOW,
        Text("日志写盘失败，暂停分流", "the journal's disk fails, nothing is diverted"),
        Text("腾出磁盘空间或更换磁盘", "make room on the disk, or replace it"),
        latched=True,
    ),
    "plc-rebooted": Kind(
        Priority.SOON,
        Text("PLC 重新启动，线上包裹去向不明", "the PLC restarted, what was on the belt is unknown"),
        Text(
            "取下线上包裹重新上件，再按“启动”",
            "take the parcels off, put them on the infeed again, press Start",
        ),
        latched=True,
    ),
    "events-lost": Kind(
        Priority.SOON,
        Text(
            "PLC 事件丢失，线上包裹记为不明",
            "PLC events were lost, parcels on the belt are recorded as unknown",
        ),
        Text("核对异常口的包裹", "check the parcels at the exception end"),
        latched=True,
    ),
    "restarted": Kind(
        Priority.SOON,
        Text(
            "控制程序重启，线上包裹走异常口",
            "the controller restarted, what was on the belt rides to the exception end",
        ),
        Text("异常口的包裹重新上件", "put the parcels of the exception end on the infeed again"),
        latched=True,
    ),
    "chute-full": Kind(
        Priority.SOON,
        Text(
            "格口满，后续包裹去备用格口或异常口",
            "the chute is full, parcels go to its alternate or the exception end",
        ),
        Text("换袋", "change the bag"),
    ),
    "chute-out": Kind(
        Priority.SOON,
        Text(
            "格口连续三件未到，已停用：摆轮或格口光电有故障",
            "a chute missed three parcels in a row and is out of service: its diverter or its eye has failed",
        ),
        Text(
            "检查摆轮与格口光电，核对该格口的包裹，再解锁格口",
            "look at diverter and chute eye, check the chute's parcels, then unlock the chute",
        ),
    ),
    "vision-failed": Kind(
        Priority.SHIFT,
        Text("有照片没有识读成功", "a picture could not be read"),
        Text(
            "查看相机镜头与照明；反复出现时叫工程师",
            "look at lens and light; call the engineer when it repeats",
        ),
        latched=True,
    ),
}

_ENDS: Mapping[str, str] = {
    "link-up": "link-down",
    "comm-2": "comm-1",
    "chute-clear": "chute-full",
    "chute-unlocked": "chute-out",
}
"""A notice that ends an alarm: its own key -> the alarm's."""

_OF_ONE_THING = frozenset({"chute-full", "chute-out", "diverter-turned", "jam"})
"""Alarms that stand once for each object they are about; of the others there is one."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. raised_us, cleared_us: line clock, -1 = still active. count: raised how often since."""

    id: str
    key: str
    about: str
    raised_us: Us
    cleared_us: Us = -1
    acknowledged: str = ""
    count: int = 1

    @property
    def active(self) -> bool:
        """Its cause lasts."""
        return self.cleared_us < 0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person has seen what alarm `id` tells, at line clock at_us."""

    at_us: Us
    id: str
    who: str


class Alarms:
    """The list of one run, fed with notices and acknowledgements.

    Acknowledgements may come before the notices that they follow (a console that reads an old journal
    again): each takes effect between the notices where its instant lies.
    """

    def __init__(self, acknowledged: Sequence[Acknowledged] = ()) -> None:
        self.history: deque[Alarm] = deque(maxlen=HISTORY)
        self._open: dict[str, Alarm] = {}
        self._ahead = deque(sorted(acknowledged, key=lambda one: one.at_us))

    def note(self, notice: Notice) -> None:
        """Raise, count or clear what this notice is about; notices that ask for nobody change nothing."""
        self._apply(notice.at_us)
        if (notice.key, notice.about) in (("encoder", "2"), ("belt-slip", "4")):
            self._clear(notice.key, notice.at_us)
        elif notice.key in _ENDS:
            self._clear(_identity(_ENDS[notice.key], notice.about), notice.at_us)
        elif notice.key in KINDS:
            self._raise(notice)

    def acknowledge(self, word: Acknowledged) -> bool:
        """A person has seen it; False when no such alarm is open. A latched one is over with that."""
        alarm = self._open.get(word.id)
        if alarm is None:
            return False
        over_us = word.at_us if alarm.active and KINDS[alarm.key].latched else alarm.cleared_us
        self._settle(replace(alarm, acknowledged=word.who, cleared_us=over_us))
        return True

    def open(self) -> list[Alarm]:
        """What is active or unacknowledged: the most urgent first, of those the newest first."""
        self._apply(None)
        return sorted(self._open.values(), key=lambda one: (KINDS[one.key].priority, -one.raised_us))

    def _apply(self, until_us: Us | None) -> None:
        while self._ahead and (until_us is None or self._ahead[0].at_us < until_us):
            self.acknowledge(self._ahead.popleft())

    def _raise(self, notice: Notice) -> None:
        identity = _identity(notice.key, notice.about)
        known = self._open.get(identity)
        fresh = Alarm(identity, notice.key, notice.about, notice.at_us)
        if known is not None:
            fresh = replace(fresh, count=known.count + 1, acknowledged=known.acknowledged * known.active)
        self._open[identity] = fresh

    def _clear(self, identity: str, at_us: Us) -> None:
        alarm = self._open.get(identity)
        if alarm is not None and alarm.active:
            self._settle(replace(alarm, cleared_us=at_us))

    def _settle(self, alarm: Alarm) -> None:
        """Cleared and acknowledged is history; everything else stays in the list."""
        if alarm.active or not alarm.acknowledged:
            self._open[alarm.id] = alarm
        else:
            self._open.pop(alarm.id, None)
            self.history.append(alarm)


def _identity(key: str, about: str) -> str:
    return f"{key}-{about}" if key in _OF_ONE_THING else key
