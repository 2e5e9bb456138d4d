"""What operators read, in Chinese and English: every outcome, reason, answer, state and notice, as data.

Keys, not sentences, are stored and travel; history is shown in the language of whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from sorter.flow import NoRead, Outcome, PackState, Result, Verdict, Why


class Text(NamedTuple):
    """One text in the operator's two languages; the field names are the `lang` keys."""

    zh: str
    en: str

    def say(self, lang: str, **values: object) -> str:
        """In one language ("zh", "en"), with its places filled."""
        template: str = getattr(self, lang)
        return template.format(**values)


_OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.SORTED: Text("已分拣", "sorted"),
    Outcome.NO_READ: Text("无码", "no read"),
    Outcome.NO_ROUTE: Text("无路由", "no route"),
    Outcome.AMBIGUOUS_ADDRESS: Text("地址不明", "address ambiguous"),
    Outcome.AMBIGUOUS_COURIER: Text("快递公司不明", "courier ambiguous"),
    Outcome.SEVERAL_CODES: Text("多码", "several codes"),
    Outcome.INTERCEPTED: Text("拦截件", "intercepted"),
    Outcome.TOO_LATE: Text("超时", "too late"),
    Outcome.CHUTE_FULL: Text("格口满", "chute full"),
    Outcome.CHUTE_LOCKED: Text("格口锁定", "chute locked"),
    Outcome.DIVERT_FAILED: Text("分拣失败", "divert failed"),
    Outcome.MISDIVERTED: Text("错格", "misdiverted"),
    Outcome.GAP_TOO_SMALL: Text("间距过小", "gap too small"),
    Outcome.MERGED: Text("叠件/粘连件", "merged"),
    Outcome.LOST: Text("丢失", "lost"),
    Outcome.STRAY: Text("不明件", "stray"),
    Outcome.PURGED: Text("清空", "purged"),
    Outcome.UNKNOWN_AFTER_RESTART: Text("重启后不明", "unknown after restart"),
}

_WHYS: Mapping[Why, Text] = {
    Why.ROUTED: Text("按方案进格", "routed by the plan"),
    Why.ROUTED_ALTERNATE: Text("主格口满，进备用格口", "routed to the alternate chute"),
    Why.NO_CODE: Text("照片里没有条码", "no code in any picture"),
    Why.NO_WAYBILL: Text("有条码，但没有运单号", "codes seen, none of them a waybill"),
    Why.VISION_SILENT: Text("识读没有及时返回", "vision did not answer in time"),
    Why.VISION_FAILED: Text("识读出错", "vision failed"),
    Why.READ_AMBIGUOUS: Text("条码分不清属于哪一件", "the code may belong to two parcels"),
    Why.NO_ADVICE: Text("没有预报，查不到目的地", "no advice for this waybill, destination unknown"),
    Why.NO_RULE: Text("分拣方案里没有对应规则", "no rule of the plan applies"),
    Why.AMBIGUOUS_ADDRESS: Text("地址对应多个村镇", "the address fits several places"),
    Why.AMBIGUOUS_COURIER: Text("单号符合多家快递公司", "the number fits several couriers"),
    Why.SEVERAL_WAYBILLS: Text("一件上有多个运单号", "several waybills on one parcel"),
    Why.INTERCEPTED: Text("运单已被拦截", "the waybill is to be held"),
    Why.LATE_DECISION: Text("决策太晚，已过分拣位", "decided after the diverter was passed"),
    Why.LATE_DELIVERY: Text("指令到达 PLC 太晚", "the order reached the PLC too late"),
    Why.CHUTE_FULL: Text("目的格口已满", "every chute of its destination is full"),
    Why.CHUTE_LOCKED: Text("目的格口已锁定", "every chute of its destination is locked"),
    Why.DIVERT_FAILED: Text("没有拨出，走到异常口", "not diverted, rode to the exception end"),
    Why.DIVERTER_FAULT: Text("摆轮故障", "diverter fault"),
    Why.REFUSED: Text("PLC 拒绝了指令", "the PLC refused the order"),
    Why.MISDIVERTED: Text("从别的格口落下", "left by another chute than told"),
    Why.GAP_TOO_SMALL: Text("与前后件间距过小，不拨", "too close to its neighbour to be diverted"),
    Why.MERGED: Text("与相邻件叠在一起或粘连", "touches or overlaps its neighbour"),
    Why.LOST: Text("中途丢失，没有到达下一个光电", "did not arrive at the next eye"),
    Why.STRAY: Text("没有上线记录的物件", "an object that was never inducted"),
    Why.PURGED: Text("清线时带走", "carried off while the line was cleared"),
    Why.RESTARTED: Text("控制程序重启时在线上", "on the belt when the controller restarted"),
    Why.REBOOTED: Text("PLC 重启时在线上", "on the belt when the PLC restarted"),
    Why.EVENTS_LOST: Text("PLC 事件丢失，去向不明", "the PLC's events about it were lost"),
    Why.NO_LABEL: Text("人工判定：没有面单", "a person saw no label on it"),
    Why.LABEL_DAMAGED: Text("人工判定：面单破损", "a person saw a damaged label"),
    Why.TO_SECURITY: Text("人工判定：送安检", "a person sent it to security"),
    Why.READS_DISAGREE: Text("同一条码读出两种结果", "one label was read in two ways"),
}

_NO_READS: Mapping[NoRead, Text] = {
    NoRead.NONE: Text("原因不明", "cause not known"),
    NoRead.NO_LABEL: Text("没有看到面单", "no label seen"),
    NoRead.TOO_SMALL: Text("条码太小", "code too small"),
    NoRead.BLURRED: Text("条码模糊", "code blurred"),
    NoRead.LOW_CONTRAST: Text("对比度低（打印太浅或光线不足）", "low contrast (faint print or dim lamp)"),
    NoRead.GLARE: Text("反光", "glare"),
    NoRead.TORN: Text("面单破损或被遮挡", "label torn or covered"),
    NoRead.QUIET_ZONE: Text("条码两端没有留白", "quiet zone missing"),
    NoRead.INVALID: Text("看到条码，但译码无效", "code seen, but not valid"),
    NoRead.BESIDE: Text("读出的条码旁还有条码未读出", "another code beside the one read, not read"),
}

_VERDICTS: Mapping[Verdict, Text] = {
    Verdict.TAKEN: Text("已接受", "taken"),
    Verdict.UNKNOWN_ID: Text("没有这件", "no such parcel"),
    Verdict.TOO_LATE: Text("太晚，已过分拣位", "too late, already past"),
    Verdict.NO_SUCH_CHUTE: Text("没有这个格口", "no such chute"),
    Verdict.CHUTE_DISABLED: Text("格口停用", "chute out of service"),
    Verdict.SAME_AGAIN: Text("重复指令，已忽略", "same order again, ignored"),
    Verdict.CONFLICTING: Text("与先前指令矛盾，已拒绝", "contradicts an earlier order, refused"),
}

_RESULTS: Mapping[Result, Text] = {
    Result.OK: Text("按指令落格", "left as told"),
    Result.UNASSIGNED: Text("没有指令，走异常口", "no order, exception end"),
    Result.FULL_ALTERNATE: Text("格口满，落备用格口", "chute full, left by the alternate"),
    Result.DIVERTER_FAULT: Text("摆轮故障，走异常口", "diverter fault, exception end"),
    Result.LOST: Text("跟踪丢失", "lost by tracking"),
    Result.STRAY: Text("不明件", "object without identity"),
    Result.GAP_TOO_SMALL: Text("间距过小，走异常口", "gap too small, exception end"),
    Result.PURGED: Text("清线", "purged"),
    Result.MERGED: Text("叠件/粘连件，走异常口", "merged, exception end"),
    Result.FULL_REJECT: Text("格口满，走异常口", "chute full, exception end"),
}

_STATES: Mapping[PackState, Text] = {
    PackState.CLEARING: Text("清除故障中", "clearing"),
    PackState.STOPPED: Text("已停线", "stopped"),
    PackState.STARTING: Text("启动中", "starting"),
    PackState.IDLE: Text("待机", "idle"),
    PackState.SUSPENDED: Text("暂停（等待外部）", "suspended"),
    PackState.EXECUTE: Text("运行", "running"),
    PackState.STOPPING: Text("停线中（非急停）", "stopping"),
    PackState.ABORTING: Text("故障停机中", "aborting"),
    PackState.ABORTED: Text("故障停机", "aborted"),
    PackState.HOLDING: Text("保持中", "holding"),
    PackState.HELD: Text("保持", "held"),
    PackState.UNHOLDING: Text("解除保持中", "unholding"),
    PackState.SUSPENDING: Text("进入暂停", "suspending"),
    PackState.UNSUSPENDING: Text("解除暂停中", "unsuspending"),
    PackState.RESETTING: Text("复位中", "resetting"),
    PackState.COMPLETING: Text("收尾中", "completing"),
    PackState.COMPLETE: Text("已完成", "complete"),
}

NOTICES: Mapping[str, Text] = {
    "bag-changed": Text("格口 {about} 已换袋", "chute {about} has a new bag"),
    "bag-in-use": Text(
        "袋号 {about} 已挂在别的格口，没有换袋", "bag {about} hangs at another chute; nothing was changed"
    ),
    "belt-slip": Text(
        "皮带打滑：{about}（3 件迟到，4 恢复）", "belt slip: {about} (3 parcels come late, 4 in time again)"
    ),
    "chute-clear": Text("格口 {about} 已腾空", "chute {about} is clear again"),
    "chute-full": Text("格口 {about} 已满，请换袋", "chute {about} is full, change its bag"),
    "chute-locked": Text("格口 {about} 已锁定", "chute {about} was locked"),
    "chute-broken": Text(
        "格口 {about} 到不了：摆轮故障，修好后自动恢复",
        "chute {about} cannot be reached: its diverter is out of order; it comes back with it",
    ),
    "chute-out": Text(
        "格口 {about} 已停用，待解锁：连续三件未到，或 PLC 拒绝",
        "chute {about} is out of service until it is unlocked: three in a row missed it or the PLC refused",
    ),
    "chute-works": Text("格口 {about} 恢复可用", "chute {about} can be reached again"),
    "chute-unlocked": Text("格口 {about} 已解锁", "chute {about} was unlocked"),
    "coded": Text("包裹 {about} 人工补码", "parcel {about} was coded by a person"),
    "coded-late": Text(
        "包裹 {about} 补码太晚，走异常口", "parcel {about} was coded too late, it rides to the exception end"
    ),
    "coded-no-route": Text(
        "补码 {about}：查不到可用的格口", "coded {about}: no chute that it could leave by"
    ),
    "coded-next-lap": Text(
        "运单 {about} 的目的地已记下，请重新上件", "{about} is kept, put it on the infeed again"
    ),
    "comm-1": Text("PLC 收不到本机心跳（会话 {about}）", "the PLC lost our heartbeat (session {about})"),
    "comm-2": Text("PLC 又收到本机心跳（会话 {about}）", "the PLC hears us again (session {about})"),
    "comm-3": Text("PLC 接受会话 {about}", "the PLC adopted session {about}"),
    "comm-4": Text(
        "PLC 拒绝会话 {about}：另一台主机在控制",
        "the PLC refused session {about}: another controller is in charge",
    ),
    "advice-forgotten": Text(
        "预报太多，最旧的 {about} 条已忘记", "too much advice: the oldest {about} entries are forgotten"
    ),
    "disk-full": Text("磁盘只剩 {about} MB，已停止进件", "the disk has {about} MB left: the infeed is held"),
    "disk-low": Text("磁盘快满，还剩 {about} MB", "the disk is nearly full, {about} MB left"),
    "disk-room": Text(
        "磁盘又有 {about} MB，恢复进件", "the disk has {about} MB again: the infeed is released"
    ),
    "disk-well": Text("磁盘空间恢复正常：{about} MB", "the disk has room again: {about} MB"),
    "diverter-turned": Text(
        "摆轮 {about} 未回正，已保持", "diverter {about} stands turned, the line is held"
    ),
    "encoder": Text(
        "编码器：{about}（1 皮带应转而不动，2 恢复）",
        "encoder: {about} (1 belt should move and does not, 2 well again)",
    ),
    "events-lost": Text(
        "PLC 事件溢出，丢失 {about} 条", "the PLC's event ring overflowed, {about} events lost"
    ),
    "intercept-late": Text(
        "拦截太晚：{about}（运单、格口）已落格，请从袋中取出",
        "held too late: {about} (waybill, chute) is in the chute, take it out of the bag",
    ),
    "jam": Text("光电 {about} 处堵件，请清理", "jam at eye {about}, clear it"),
    "journal-failed": Text(
        "日志写盘失败，暂停分流：{about}", "the journal's disk failed, nothing is diverted: {about}"
    ),
    "left-unknown": Text(
        "PLC 报离线的 {about} 不在线上，已忽略", "parcel {about} left, but none such is on the belt; ignored"
    ),
    "link-down": Text("PLC 断线：{about}", "the PLC is not reachable: {about}"),
    "link-up": Text("PLC 已连接（启动编号 {about}）", "the PLC is connected (boot {about})"),
    "no-read-high": Text("无码偏多：最近 {about}", "many parcels are not read: {about} of the last"),
    "no-read-well": Text("无码恢复正常：最近 {about}", "reading is well again: {about} of the last"),
    "nothing-sorted": Text(
        "在运行但没有一件进格口（{about}）", "running, and nothing reaches a chute ({about})"
    ),
    "old-picture": Text("过期照片 {about}，不采用", "picture {about} is an old one, not used"),
    "plan-in-force": Text("分拣方案 {about} 生效", "sort plan {about} is in force"),
    "plan-no-earlier": Text("没有可退回的方案，仍用 {about}", "there is nothing to roll back, {about} stays"),
    "plan-not-awaited": Text("不再等待启用方案 {about}", "plan {about} is no longer awaited"),
    "plan-refused": Text(
        "方案 {about} 用到本线没有的格口，已拒绝，原方案不变",
        "plan {about} names a chute that this line has not: refused, the old one stays",
    ),
    "plan-rolled-back": Text("已退回方案 {about}", "rolled back to plan {about}"),
    "plan-waits": Text("方案待启用（方案、波次）：{about}", "plan waits for its wave (plan, wave): {about}"),
    "plc-rebooted": Text("PLC 重启（启动编号 {about}）", "the PLC restarted (boot {about})"),
    "unknown-camera": Text("配置里没有相机 {about}", "the configuration has no camera {about}"),
    "read-on-none": Text("条码 {about} 不在任何包裹上", "code {about} lies on no parcel"),
    "read-on-two": Text("条码 {about} 分不清属于哪一件", "code {about} may belong to two parcels"),
    "refused-1": Text("PLC 拒绝 {about}：当前状态不允许", "the PLC refused {about}: not in this state"),
    "refused-2": Text(
        "PLC 拒绝 {about}：安全回路断开或控制程序未就绪",
        "the PLC refused {about}: the safety chain is open or the controller is not ready",
    ),
    "refused-3": Text("PLC 拒绝 {about}：现场为本地模式", "the PLC refused {about}: under local control"),
    "restarted": Text(
        "控制程序重启，线上 {about} 件", "the controller restarted with {about} parcels on the belt"
    ),
    "sorted-again": Text("又有包裹进格口了", "parcels reach their chutes again"),
    "state": Text("设备状态：{about}", "machine state: {about}"),
    "wave": Text("波次：{about}", "wave: {about}"),
    "vision-failed": Text("识读出错：{about}", "vision failed: {about}"),
}
"""What the core notices, by its key."""

FAILURES: Mapping[str, Text] = {
    "decoder-died": Text("识读进程崩溃，已重启", "the decoder died and was started again"),
    "decoder-hung": Text("识读进程卡住，已重启", "the decoder hung and was started again"),
    "frame-dropped": Text("来不及识读，丢弃最旧的照片", "too many pictures waited, the oldest was dropped"),
    "frame-too-old": Text("照片等待识读过久", "the picture waited too long"),
    "camera-still": Text("相机画面不动：同一画面重复出现", "the camera stands: it gave one view twice"),
    "camera-dark": Text("相机画面全黑：查照明和镜头盖", "the picture is dark: look at the lamp and the lens"),
    "time-over": Text("识读时间用完，照片未看完", "time was over before all of it had been looked at"),
}
"""Why vision gave no answer to a picture, by its key."""

_UNKNOWN = Text("{key}：{about}", "{key}: {about}")

_TABLES: Mapping[type[Enum], Mapping[Any, Text]] = {
    Outcome: _OUTCOMES,
    Why: _WHYS,
    Verdict: _VERDICTS,
    Result: _RESULTS,
    PackState: _STATES,
    NoRead: _NO_READS,
}


def text(key: Outcome | Why | Verdict | Result | PackState | NoRead, lang: str) -> str:
    """What an operator reads for it; lang "zh" or "en"."""
    return _TABLES[type(key)][key].say(lang)


def notice(key: str, about: str, lang: str) -> str:
    """A notice's sentence. A key of another version is shown as it is."""
    template = NOTICES.get(key, _UNKNOWN)
    if key == "state" and about in PackState.__members__:
        about = text(PackState[about], lang)
    if key == "vision-failed":
        return template.say(lang, about=failure(about, lang))
    return template.say(lang, key=printable(key), about=printable(about))


def failure(key: str, lang: str) -> str:
    """Why vision failed on a picture. A key of another version is shown as it is."""
    known = FAILURES.get(key)
    return known.say(lang) if known else printable(key)


def printable(untrusted: str, longest: int = 80) -> str:
    """A code's text as it can be shown anywhere: control characters as escapes, cut at `longest`."""
    shown = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in untrusted[:longest])
    return shown + "…" if len(untrusted) > longest else shown
