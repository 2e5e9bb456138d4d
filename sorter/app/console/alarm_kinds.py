"""The catalogue of alarms: what needs a person's action, why, what it costs and what to do. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from sorter.app.texts import Text
from sorter.flow import Us


class Priority(IntEnum):
    """1 at once (red square), 2 soon (amber triangle), 3 this shift (yellow circle)."""

    NOW = 1
    SOON = 2
    SHIFT = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """What a notice means to a person.

    latched   it has no end of its own, acknowledging ends it
    delay_us  shown only when it has lasted so long; one that ends sooner was none
    root      while that alarm is active this one is its consequence and not shown beside it
    """

    priority: Priority
    cause: Text
    consequence: Text
    action: Text
    latched: bool = False
    delay_us: Us = 0
    root: str = ""


_RIDES = Text("包裹全部走异常口", "every parcel rides to the exception end")
_STANDS = Text("产线停止，包裹停在线上", "the line stands with parcels on it")
_UNKNOWN = Text("线上包裹去向不明", "where the parcels on the belt went is unknown")

KINDS: Mapping[str, Kind] = {
    "link-down": Kind(
        Priority.NOW,
        Text("本机与 PLC 的连接断开", "the PLC is not reachable"),
        _RIDES,
        Text("检查 PLC 电源和网线；恢复后自动重连",
             "check the PLC's power and the network cable; the link comes back by itself"),
    ),
    "comm-1": Kind(
        Priority.NOW,
        Text("PLC 收不到本机心跳", "the PLC hears no heartbeat"),
        Text("PLC 已停止进件", "the PLC has stopped the infeed"),
        Text("检查网络；恢复后自动继续，否则按“启动”",
             "check the network; the line goes on by itself, else press Start"),
        root="link-down",
    ),
    "comm-4": Kind(
        Priority.NOW,
        Text("另一台主机正在控制这台 PLC", "another computer is in charge of this PLC"),
        Text("本机的指令无效", "this computer's orders are not obeyed"),
        Text("停掉多余的控制程序", "stop the controller that is too many"),
        latched=True,
    ),
    "jam": Kind(
        Priority.NOW,
        Text("光电被挡的时间超过一件包裹", "an eye is covered for longer than a parcel can cover it"),
        _STANDS,
        Text("取下堵住的包裹，放回上件口，再按“解除保持”",
             "take the jammed parcel off, put it on the infeed, press Unhold"),
        latched=True,
        root="encoder",
    ),
    "diverter-turned": Kind(
        Priority.NOW,
        Text("摆轮未回正，连续两件被误分", "a diverter stands turned and took two parcels not sent there"),
        Text("产线已保持，该格口最后两件是错的", "the line is held, the chute's last two parcels are wrong"),
        Text("修好摆轮，取出这两件，再按“解除保持”",
             "mend the diverter, take these two out, press Unhold"),
        latched=True,
    ),
    "encoder": Kind(
        Priority.NOW,
        Text("皮带应转而编码器不动", "the belt should move and its encoder does not"),
        _STANDS,
        Text("检查皮带与编码器轮，处理后按“清除故障”“启动”",
             "check belt and encoder wheel, then press Clear fault and Start"),
    ),
    "belt-slip": Kind(
        Priority.NOW,
        Text("包裹比编码器所示来得晚，疑似打滑", "parcels come later than the encoder says"),
        Text("分不清的包裹走异常口", "those in doubt ride to the exception end"),
        Text("检查皮带张紧、驱动滚筒和编码器轮", "look at belt tension, drive drum and encoder wheel"),
    ),
    "journal-failed": Kind(
        Priority.NOW,
        Text("日志写盘失败", "the journal's disk fails"),
        Text("暂停分流，包裹走异常口", "nothing is diverted, parcels ride to the exception end"),
        Text("腾出磁盘空间或更换磁盘，恢复后自动继续",
             "make room on the disk, or replace it; the line goes on by itself"),
        latched=True,
    ),
    "disk-full": Kind(
        Priority.NOW,
        Text("磁盘几乎没有空间", "the disk has hardly any room left"),
        Text("已停止进件，线上包裹照常分完", "the infeed is held, what is on the belt is sorted"),
        Text("清理磁盘（sorter store prune），恢复后自动进件",
             "make room (sorter store prune); the infeed opens by itself"),
    ),
    "disk-low": Kind(
        Priority.SOON,
        Text("磁盘空间不足", "the disk is running out of room"),
        Text("继续下降将停止进件", "the infeed will be held when it goes on"),
        Text("备份后清理旧记录（sorter store backup、prune）",
             "back up, then remove old records (sorter store backup, prune)"),
        root="disk-full",
    ),
    "advice-forgotten": Kind(
        Priority.SHIFT,
        Text("预报条数超过上限", "more waybills are advised than may be kept"),
        Text("最旧预报的包裹走异常口", "parcels of the oldest advice ride to the exception end"),
        Text("停止重复导入旧预报，或加大 store.yaml 的 advice",
             "do not import old manifests again, or raise advice in store.yaml"),
        latched=True,
    ),
    "nothing-sorted": Kind(
        Priority.NOW,
        Text("产线在运行，但最近的包裹全部走异常口", "the line runs, all its parcels are exceptions"),
        Text("没有包裹进格口", "nothing reaches a chute"),
        Text("看“包裹查询”里最近异常件的原因；多为无预报、相机被遮或方案未生效",
             "see the reasons on Parcel search: no manifest, a covered lens or a wrong plan"),
    ),
    "plc-rebooted": Kind(
        Priority.SOON,
        Text("PLC 重新启动过", "the PLC restarted"),
        _UNKNOWN,
        Text("取下线上包裹重新上件，再按“启动”",
             "take the parcels off, put them on the infeed again, press Start"),
        latched=True,
    ),
    "events-lost": Kind(
        Priority.SOON,
        Text("PLC 事件丢失", "events of the PLC were lost"),
        _UNKNOWN,
        Text("核对异常口的包裹", "check the parcels at the exception end"),
        latched=True,
    ),
    "restarted": Kind(
        Priority.SOON,
        Text("控制程序重启过", "the controller restarted"),
        Text("当时在线上的包裹走异常口", "what was on the belt rides to the exception end"),
        Text("异常口的包裹重新上件", "put the parcels of the exception end on the infeed again"),
        latched=True,
    ),
    "chute-full": Kind(
        Priority.SOON,
        Text("格口满", "the chute is full"),
        Text("后续包裹去备用格口或异常口", "parcels go to its alternate or the exception end"),
        Text("换袋，扫新袋号", "change the bag and scan the new one"),
        delay_us=1_000_000,
    ),
    "chute-broken": Kind(
        Priority.SOON,
        Text("摆轮故障，格口到不了", "a diverter is out of order: its chute cannot be reached"),
        Text("包裹去备用格口或异常口", "parcels go to its alternate or the exception end"),
        Text("修好摆轮，格口自动恢复", "repair the diverter: the chute comes back by itself"),
    ),
    "chute-out": Kind(
        Priority.SOON,
        Text("格口连续三件未到或被 PLC 拒绝：摆轮或格口光电有故障",
             "a chute missed three in a row or the PLC refuses it: its diverter or its eye has failed"),
        Text("该格口已停用", "the chute is out of service"),
        Text("检查摆轮与格口光电，核对该格口的包裹，再解锁",
             "look at diverter and chute eye, check the chute's parcels, unlock it"),
    ),
    "no-read-high": Kind(
        Priority.SHIFT,
        Text("最近 200 件里无码超过 2%", "more than 2 % of the last 200 parcels were not read"),
        Text("补码与异常件增多", "more parcels to code by hand"),
        Text("擦镜头、查照明；只有一家快递公司时查它的面单",
             "clean the lens, check the light; if it is one courier's, look at its labels"),
    ),
    "vision-failed": Kind(
        Priority.SHIFT,
        Text("有照片没有识读成功", "a picture could not be read"),
        Text("该包裹走异常口", "its parcel rides to the exception end"),
        Text("查看相机镜头与照明；反复出现时叫工程师",
             "look at lens and light; call the engineer when it repeats"),
        latched=True,
    ),
}  # fmt: skip

ENDS: Mapping[str, str] = {
    "link-up": "link-down",
    "comm-2": "comm-1",
    "chute-clear": "chute-full",
    "chute-works": "chute-broken",
    "chute-unlocked": "chute-out",
    "disk-room": "disk-full",
    "disk-well": "disk-low",
    "sorted-again": "nothing-sorted",
    "no-read-well": "no-read-high",
}
"""A notice that ends an alarm: its own key -> the alarm's."""

OF_ONE_THING = frozenset({"chute-broken", "chute-full", "chute-out", "diverter-turned", "jam"})
"""Alarms that stand once for each object they are about; of the others there is one."""
