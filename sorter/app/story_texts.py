"""The sentences of a parcel's story, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from sorter.app.texts import Text

SAY: Mapping[str, Text] = {
    "parcel": Text("包裹 {pid}  运单 {waybill}", "parcel {pid}  waybill {waybill}"),
    "again": Text(
        "同一运单：包裹 {pid} 也用过此单号，{time} 离线（{chute}），{outcome}",
        "same waybill as parcel {pid}, which left at {time} by {chute}: {outcome}",
    ),
    "advised": Text("预报：{courier}，目的地 {place}", "advised: courier {courier}, place {place}"),
    "held": Text("设为拦截件", "to be held"),
    "freed": Text("取消拦截", "no longer to be held"),
    "seen": Text("上线：长 {length} mm，编码器 {encoder}", "seen: {length} mm long, encoder {encoder}"),
    "picture": Text("拍照：相机 {camera}，第 {frame} 张", "picture: camera {camera}, number {frame}"),
    "read": Text("识读：{code}（{symbology}，{reader}）", "read: {code} ({symbology}, by {reader})"),
    "other": Text(
        "同件其他码：{code}（{symbology}，{reader}）", "other code: {code} ({symbology}, by {reader})"
    ),
    "grade": Text(
        "；质量：对比 {contrast_pm}，边缘 {edge_pm}，调制 {modulation_pm}，可译 {decodability_pm}",
        "; quality: contrast {contrast_pm}, edges {edge_pm}, modulation {modulation_pm},"
        " decodability {decodability_pm}",
    ),
    "unread": Text("识读：未读出——{cause}", "read: nothing - {cause}"),
    "failed": Text("识读：出错——{failure}", "read: failed - {failure}"),
    "kept": Text("照片：{file}", "picture: {file}"),
    "decided": Text(
        "决策：去 {chute}，{why}；规则 {rule}，方案 {plan}",
        "decided: {chute}, {why}; rule {rule}, plan {plan}",
    ),
    "coded": Text("人工补码（{by}）：{what}", "coded by {by}: {what}"),
    "sent": Text(
        "下发：{chute}，备用 {alternate}，最晚编码器 {deadline}",
        "told: {chute}, alternate {alternate}, until encoder {deadline}",
    ),
    "answered": Text("PLC 应答：{verdict}", "PLC answered: {verdict}"),
    "left": Text("离线：{chute}；PLC 确认：{result}", "left: {chute}; PLC confirmed: {result}"),
    "outcome": Text("结果：{outcome}——{why}", "outcome: {outcome} - {why}"),
    "open": Text("还在线上，没有结果", "still on the belt, no outcome yet"),
    "Restarted": Text("控制程序重启", "the controller restarted"),
    "Rebooted": Text("PLC 重启", "the PLC restarted"),
    "LinkDown": Text("PLC 断线", "the PLC was not reachable"),
    "events-lost": Text("PLC 丢失 {count} 条事件", "the PLC lost {count} events"),
    "unknown": Text("没有运单 {waybill} 的包裹", "no parcel with waybill {waybill}"),
    "advised-only": Text("该运单有预报，但没有上线", "it was advised, but never seen on the line"),
    "nearest": Text("相近的运单：{waybills}", "nearest waybills: {waybills}"),
    "no-parcel": Text("没有编号 {pid} 的包裹", "no parcel with number {pid}"),
    "chute": Text("格口 {chute}", "chute {chute}"),
    "end": Text("异常口", "exception end"),
    "nothing": Text("无", "none"),
}
