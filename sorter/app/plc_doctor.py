"""`sorter plc doctor`: is this the PLC of this configuration, and fast enough? Reads only, writes nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping, Sequence

from plc.adu import LinkTroubleError
from plc.agreement import Fault, layout_faults, pairs, status_faults
from plc.probe import Probe
from plc.registers import BLOCKS, MAINTENANCE, MANUAL, C, Echo, K, P, S, Status
from sorter.app.findings import Finding, Grade, Text, graded, plain
from sorter.app.tally import percentile
from sorter.flow import Us
from sorter.hub import Hub
from sorter.layout import Layout, Link
from sorter.timing import DELIVERY_US, travel_us

MOST_NAMED = 3
"""Words of one kind that are named; a foreign layout differs in every chute."""

CYCLES = 50
"""Reads of block S that are timed; their p99 is then the slowest but none."""
_NONE = plain("")
_FILE = Text("两侧请装入同一份 line.yaml", "load the same line.yaml into the PLC and the controller")
_REMEDIES_ZH: Mapping[str, str] = {
    "magic": "请检查地址、站号与 S 区基址",
    "map_version": "请安装主版本相同的 PLC 程序与控制程序",
    "order_probe": "请让 PLC 先发 32 位值的高字",
    "state": "状态号须为 1 至 17，见 docs/registers.md",
}
_STATUS_CHECKS = {"magic": "plc-magic", "map_version": "plc-version", "order_probe": "plc-word-order",
                  "state": "plc-state"}  # fmt: skip
_LAYOUT_CHECKS = {"crc": "plc-crc", "positions": "plc-positions", "chute_count": "plc-chutes",
                  "counts_per_m_milli": "plc-encoder", "min_lead_mm": "plc-lead"}  # fmt: skip


def examine_plc(hub: Hub, link: Link) -> list[Finding]:
    """Everything worth knowing about the PLC behind the link, in the order it is shown.

    What keeps later questions from being asked ends the list: the line that says why is the last one.
    """
    with Probe(link) as probe:
        return list(_examine(hub.layout, link, probe))


def _examine(layout: Layout, link: Link, probe: Probe) -> Iterator[Finding]:
    try:
        probe.open()
    except LinkTroubleError as trouble:
        yield _unreachable(link, trouble)
        return
    yield Finding("plc", Grade.OK, _place(link, "有应答", "answers"), _NONE)
    try:
        yield from _status(Status.unpack(probe.block(S)))
        yield from _layout(layout, probe)
        probe.block(C)
        yield Finding("plc-command", Grade.OK, plain(f"C {C.base}-{C.base + C.words - 1}"), _NONE)
        yield from _pace(layout, link, probe)
    except LinkTroubleError as trouble:
        yield _refused(trouble)


def _place(link: Link, zh: str, en: str) -> Text:
    where = f"{link.host}:{link.port}"
    return Text(f"{where} {zh}", f"{where} {en}")


def _unreachable(link: Link, trouble: LinkTroubleError) -> Finding:
    remedy = Text("请检查电源、网线和 plc.yaml，或启动 sorter emulate",
                  "check power, cable and plc.yaml, or start sorter emulate")  # fmt: skip
    why = _cause(link) or plain(trouble.reason)
    where = _place(link, f"无应答：{why.zh}", f"does not answer: {why.en}")
    return Finding("plc", Grade.FAILURE, where, remedy)


def _cause(link: Link) -> Text | None:
    """What the network itself says of this address; None when it connects now."""
    try:
        socket.create_connection((link.host, link.port), link.timeout_us / 1e6).close()
    except socket.gaierror:
        return Text("没有这个主机名", "no machine has this name")
    except ConnectionRefusedError:
        return Text("主机在线，但该端口无程序监听", "the machine is there, but nothing listens on this port")
    except TimeoutError:
        return Text("该地址无主机响应，或被防火墙拦截", "no machine at this address, or a firewall")
    except OSError as error:
        return plain(str(error.strerror))
    return None


def _refused(trouble: LinkTroubleError) -> Finding:
    bases = ", ".join(f"{block.letter} {block.base}" for block in BLOCKS)
    remedy = Text(f"请核对站号与寄存器区基址：{bases}", f"check the unit id and the blocks' bases: {bases}")
    return Finding("plc-answers", Grade.FAILURE, plain(trouble.reason), remedy)


# ---------------------------------------------------------------- what the PLC says of itself


def _status(status: Status) -> Iterator[Finding]:
    """Map, version, word order and state; then what a person should know before starting."""
    yield from _checks(_STATUS_CHECKS, status_faults(status))
    chain = Text("请复位急停回路", "reset the e-stop chain")
    shown = Text("安全回路", "safety chain")
    yield graded("plc-safety", status.chain_closed, shown, chain)
    manual = status.mode in (MAINTENANCE, MANUAL)
    remedy = Text("在停止状态用 sorter run 返回生产", "sorter run returns to production from Stopped")
    yield graded("plc-mode", not manual, plain(f"S.{S['mode'].offset} mode {status.mode}"), remedy)


def _layout(layout: Layout, probe: Probe) -> Iterator[Finding]:
    """Word by word: the layout and the program's constants that the PLC was built with."""
    echo = Echo.unpack(probe.block(K))
    positions = pairs(probe.block(P, 2 * len(layout.chutes)))
    yield from _checks(_LAYOUT_CHECKS, layout_faults(echo, positions, layout))
    ours = Echo.of(layout)
    for name in ("scan_ms", "comm_timeout_ms", "ring_depth"):
        theirs, own = getattr(echo, name), getattr(ours, name)
        place = f"K.{K[name].offset} {name} {theirs}, plc.yaml {own}"
        remedy = Text("请使 plc.yaml 与 PLC 程序一致", "make plc.yaml and the PLC program agree")
        yield graded(f"plc-{name.replace('_', '-')}", theirs == own, plain(place), remedy)


def _checks(checks: Mapping[str, str], faults: Sequence[Fault]) -> Iterator[Finding]:
    """One finding for each thing compared; several faults of one kind are told together."""
    for name, check in checks.items():
        own = [fault for fault in faults if fault.name == name]
        if not own:
            yield Finding(check, Grade.OK, Text("一致", "agrees"), _NONE)
            continue
        text = "; ".join(f"{fault.place} = {fault.found} != {fault.expected}" for fault in own[:MOST_NAMED])
        text += f"; ... {len(own)}" if len(own) > MOST_NAMED else ""
        remedy = Text(_REMEDIES_ZH.get(name, _FILE.zh), own[0].remedy)
        yield Finding(check, Grade.FAILURE, plain(text), remedy)


# ---------------------------------------------------------------- how fast it is


def _pace(layout: Layout, link: Link, probe: Probe) -> Iterator[Finding]:
    """Does it scan, how long does a request take, and does an order arrive in time."""
    trips, scans = _measured(probe, layout.scan_us)
    still = Text("请将 PLC 置于运行，每次扫描更新 hb_plc", "set the PLC to RUN; count hb_plc every scan")
    yield graded("plc-scans", scans > 0, plain(f"S.3 hb_plc +{scans}"), still, Grade.FAILURE)
    p50, p99 = percentile(trips, 0.5), percentile(trips, 0.99)
    poll, limit = link.poll_us // 1000, link.timeout_us // 1000
    said = f"FC3 x {CYCLES}: p50 {p50 / 1000:.1f} ms, p99 {p99 / 1000:.1f} ms"
    slow = Text(
        f"一轮两次请求须短于 {poll} 毫秒（超时 {limit}）：请检查网络，或加大 poll_ms",
        f"two requests must fit in {poll} ms (timeout {limit}): check the network or raise poll_ms",
    )
    yield graded("plc-cycle", 2 * p99 <= link.poll_us, plain(said), slow)
    yield _delivery(layout, 2 * max(link.poll_us, 2 * p99) + layout.scan_us)


def _measured(probe: Probe, scan_us: Us) -> tuple[list[Us], int]:
    """Round trips of block S, and by how much hb_plc moved meanwhile (at least two scans pass)."""
    trips: list[Us] = []
    first = last = Status.unpack(probe.block(S)).hb_plc
    until = time.monotonic() + 2 * scan_us / 1e6
    while len(trips) < CYCLES or time.monotonic() < until:
        sent = time.monotonic_ns()
        last = Status.unpack(probe.block(S)).hb_plc
        trips.append((time.monotonic_ns() - sent) // 1000)
    return trips, (last - first) % 0x10000


def _delivery(layout: Layout, worst_us: Us) -> Finding:
    """From a decision to the PLC that has it: what `sorter check` allowed for, and what vision is left."""
    camera = layout.cameras[0]
    way = layout.diverters[0].eye_mm - camera.position_mm - max(camera.looks_mm)
    way -= (camera.along_mm + layout.infeed.longest_mm) // 2
    left = (travel_us(way, layout.belt.speed_mm_s) - worst_us) // 1000
    said = Text(
        f"下发最迟 {worst_us // 1000} 毫秒，识读尚有 {left} 毫秒",
        f"delivery takes at most {worst_us // 1000} ms, vision is left {left} ms",
    )
    most = DELIVERY_US // 1000
    remedy = Text(f"须不超过 {most} 毫秒：请减小 poll_ms", f"{most} ms was planned for: lower poll_ms")
    return graded("plc-lead-time", worst_us <= DELIVERY_US, said, remedy, Grade.FAILURE)
