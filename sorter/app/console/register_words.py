"""What the PLC's status words mean, in Chinese; in English the map itself says it."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS_ZH: Mapping[str, str] = {
    "magic": "固定值 0x534F，认出本协议",
    "map_version": "协议版本，高字节为主版本",
    "boot_id": "PLC 启动次数",
    "hb_plc": "PLC 心跳，每扫描周期加 1",
    "hb_pc_echo": "PLC 收到的本机心跳",
    "state": "PackML 状态",
    "order_probe": "字序校验 0x01020304",
    "encoder": "皮带位置（编码器计数）",
    "t_ms": "PLC 启动后的毫秒数",
    "belt_speed": "实测皮带速度，毫米/秒",
    "ack_seq": "已接受的最后一条分拣指令",
    "session_echo": "PLC 服从的会话号，0 = 没有",
    "safety": "安全与动力：急停回路、护罩、动力、气源、本机心跳、本地、进件放行",
    "diag": "诊断：编码器、光电抖动、光电被挡、摆轮、堵件、事件区将满、第二主机、指令校验",
    "ev_head": "最新事件的编号",
    "ev_tail_echo": "本机已确认到的事件",
    "ev_lost": "溢出丢失的事件数",
    "mode": "1 生产，2 维护，3 手动",
    "cmd_ack": "已处理的最后一条命令",
    "cmd_result": "0 已执行，1 此状态不接受，2 不允许，3 现场本地",
    "first_fault": "首个故障，复位后清零",
    "chute_full": "传感器报满的格口",
    "chute_fault": "到不了的格口",
    "guard_b": "心跳副本，不同则整帧作废",
    "window": "待确认的事件（最多 8 条）",
}
