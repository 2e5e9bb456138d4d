"""Every word that a screen says, in Chinese and English; pages and scripts ask for it by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sorter.app.console.alarms import KINDS
from sorter.app.texts import NOTICES, Text, text
from sorter.flow import NoRead, Outcome, PackState, Why

LABELS: Mapping[str, Text] = {
    "overview": Text("总览", "Overview"),
    "chutes": Text("格口", "Chutes"),
    "alarms": Text("报警", "Alarms"),
    "search": Text("包裹查询", "Parcel search"),
    "shift": Text("班次报表", "Shift report"),
    "people": Text("用户与记录", "Users and audit"),
    "login": Text("登录", "Log in"),
    "logout": Text("退出", "Log out"),
    "setup": Text("首次设置", "First set-up"),
    "setup-why": Text(
        "还没有用户。第一个用户是管理员，没有默认密码。",
        "There is no user yet. The first one becomes the administrator; there is no default password.",
    ),
    "name": Text("名字", "Name"),
    "password": Text("密码（至少 8 个字符）", "Password (at least 8 characters)"),
    "role": Text("权限", "Role"),
    "role-0": Text("观察", "observer"),
    "role-1": Text("操作员", "operator"),
    "role-2": Text("工程师", "engineer"),
    "role-3": Text("管理员", "administrator"),
    "add-user": Text("添加用户", "Add user"),
    "audit": Text("操作记录（最新在前）", "What people did, newest first"),
    "observer-only": Text("只读。要操作请先登录。", "Read only. Log in to operate."),
    "start": Text("启动", "Start"),
    "stop": Text("停线（非急停）", "Stop (not the e-stop)"),
    "hold": Text("保持", "Hold"),
    "unhold": Text("解除保持", "Unhold"),
    "reset": Text("复位", "Reset"),
    "clear": Text("清除故障", "Clear fault"),
    "per-hour": Text("件/小时", "parcels/h"),
    "inducted": Text("上件", "inducted"),
    "sorted": Text("已分拣", "sorted"),
    "exceptions": Text("异常", "exceptions"),
    "sorted-share": Text("分拣率", "sorted share"),
    "state": Text("状态", "State"),
    "recent": Text("刚离线", "Just left"),
    "on-belt": Text("线上包裹", "On the belt"),
    "exception-end": Text("异常口", "exception end"),
    "camera": Text("相机", "camera"),
    "picture": Text("照片", "picture"),
    "induct": Text("上件口", "infeed"),
    "no-alarms": Text("没有报警", "No alarms"),
    "no-parcels": Text("还没有包裹", "No parcel yet"),
    "acknowledge": Text("确认", "Acknowledge"),
    "acknowledged": Text("已确认", "acknowledged by"),
    "cleared": Text("已恢复", "cleared"),
    "active": Text("持续中", "active"),
    "times": Text("次", "times"),
    "cause": Text("原因", "Cause"),
    "action": Text("处理", "What to do"),
    "lock": Text("锁定", "Lock"),
    "unlock": Text("解锁", "Unlock"),
    "locked": Text("已锁定", "locked"),
    "full": Text("已满", "full"),
    "open": Text("可用", "open"),
    "parcels": Text("件", "parcels"),
    "fill": Text("件数", "parcels so far"),
    "waiting-order": Text("已存盘，等待控制程序…", "stored, waiting for the controller …"),
    "waybill": Text("运单号", "Waybill"),
    "find": Text("查询", "Find"),
    "search-hint": Text(
        "扫描或输入运单号，回车。异常件列在下面，点一下看原因。",
        "Scan or type a waybill, press Enter. Exceptions are listed below, click one to see why.",
    ),
    "nothing-found": Text("没有这个运单的包裹", "No parcel with this waybill"),
    "latest-exceptions": Text("最近的异常件", "Latest exceptions"),
    "outcome": Text("结果", "Outcome"),
    "why": Text("原因", "Why"),
    "left-by": Text("出口", "Left by"),
    "time": Text("线上时间", "Line time"),
    "length": Text("长度", "Length"),
    "no-code": Text("（无码）", "(no code)"),
    "hold-parcel": Text("拦截此运单", "Hold this waybill"),
    "free-parcel": Text("取消拦截", "Release this waybill"),
    "hour": Text("小时", "Hour"),
    "courier": Text("快递公司", "Courier"),
    "town": Text("乡镇", "Town"),
    "chute": Text("格口", "Chute"),
    "csv": Text("下载 CSV", "Download CSV"),
    "print": Text("打印", "Print"),
    "total": Text("合计", "Total"),
    "stale": Text("数据已过期", "Data is stale"),
    "server-gone": Text(
        "控制台服务器没有应答，页面会自动恢复", "The console does not answer; this page recovers by itself"
    ),
    "hint-controller-gone": Text(
        "控制程序没有运行。启动后本页自动恢复。",
        "The controller is not running. This page recovers when it starts.",
    ),
    "hint-plc-gone": Text(
        "与 PLC 断开，正在重连。检查网线与电源。",
        "The PLC is not reachable; reconnecting. Check cable and power.",
    ),
    "hint-press-start": Text(
        "已停线。线上无人后按“启动”。", "Stopped. When nobody is at the belt, press Start."
    ),
    "hint-state-aborted": Text(
        "故障停机。排除原因后依次按“清除故障”“启动”。",
        "Aborted. Remove the cause, then press Clear fault and Start.",
    ),
    "hint-state-held": Text("保持中。按“解除保持”继续。", "Held. Press Unhold to go on."),
    "hint-state-suspended": Text(
        "暂停：等待控制程序就绪。按“启动”继续。",
        "Suspended, waiting for the controller. Press Start to go on.",
    ),
    "hint-wait": Text("正在切换，请稍候。", "Changing state, please wait."),
    "wrong-login": Text("名字或密码不对", "Wrong name or password"),
    "too-many-tries": Text("尝试过多，请一分钟后再试", "Too many tries, wait a minute"),
    "not-allowed": Text("没有权限，请先登录", "Not allowed; log in first"),
    "not-stored": Text("没有存盘，请重试", "Not stored, try again"),
    "sent": Text("已发出", "sent"),
    "wall": Text("大屏", "Wall screen"),
    "language": Text("English", "中文"),
}


def words(lang: str) -> dict[str, Any]:
    """Everything a script may have to say in one language, by kind and key."""
    return {
        "label": {key: label.say(lang) for key, label in LABELS.items()},
        "state": {state.name: text(state, lang) for state in PackState},
        "outcome": {outcome.value: text(outcome, lang) for outcome in Outcome},
        "why": {why.value: text(why, lang) for why in Why},
        "no-read": {cause.value: text(cause, lang) for cause in NoRead},
        "notice": {key: getattr(notice, lang) for key, notice in NOTICES.items()},
        "cause": {key: kind.cause.say(lang) for key, kind in KINDS.items()},
        "action": {key: kind.action.say(lang) for key, kind in KINDS.items()},
    }
