"""SORT-MAP 1.0 as data: every register of the contract with the PLC, and the values made from it.

Words are 16-bit, 0..65535; 32-bit values take two, high word first; a chute map has chute c at bit
c mod 16 of word c div 16. `docs/registers.md` is generated from here (`markdown`). Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from plc.blocks import ROW, Block, Rows, pack_words, registers, split32, unpack_words
from sorter.layout import Layout

MAGIC = 0x534F
MAP_VERSION = 0x0100
ORDER_PROBE = 0x01020304
CHUTES = 256
WINDOW, SLOTS = 8, 10

S = Block("S", "status", 0, 121, "PLC", "one FC3 of 121 words every cycle", registers(
    ("magic", "u16", 1, "", "0x534F"),
    ("map_version", "u16", 1, "", "0x0100: major in the high byte; another major is refused"),
    ("boot_id", "u16", 1, "1", "persistent, +1 at each PLC start"),
    ("hb_plc", "u16", 1, "scan", "+1 per scan; guard A"),
    ("hb_pc_echo", "u16", 1, "", "last heartbeat applied from the obeyed session"),
    ("state", "u16", 1, "", "PackML state 1..17"),
    ("order_probe", "u32", 2, "", "0x01020304: proves the word order at connect"),
    ("encoder", "u32", 2, "count", "belt position, latched with the scan"),
    ("t_ms", "u32", 2, "ms", "time since boot"),
    ("belt_speed", "u16", 1, "mm/s", "measured"),
    ("ack_seq", "u16", 1, "", "last assignment sequence taken, cumulative"),
    ("session_echo", "u16", 1, "", "session the PLC obeys; 0 = none since boot"),
    ("safety", "u16", 1, "bits", "0 e-stop chain ok, 1 guards, 2 motor power, 3 air, 4 PC comm ok, "
     "5 local/manual, 6 infeed released"),
    ("diag", "u16", 1, "bits", "0 encoder ok (1 = ok); 1 = bad, held 2 s: 1 eye chatter, 2 eye blocked, "
     "3 diverter fault, 4 jam, 5 ring above 75 %, 6 second writer seen, 7 wrong slot check"),
    ("ev_head", "u16", 1, "", "number of the newest event; 0 = none since boot"),
    ("ev_tail_echo", "u16", 1, "", "newest event that the PC has acknowledged"),
    ("ev_lost", "u16", 1, "event", "dropped because the ring was full"),
    ("mode", "u16", 1, "", "1 production, 2 maintenance, 3 manual"),
    ("cmd_ack", "u16", 1, "", "last cmd_seq evaluated"),
    ("cmd_result", "u16", 1, "", "0 ok, 1 rejected in state, 2 not permitted, 3 local"),
    ("first_fault", "u16", 1, "", "first-out fault: event type << 8 | code; cleared by Reset"),
    ("chute_full", "bits", 16, "", "chutes whose sensor says full"),
    ("chute_fault", "bits", 16, "", "chutes that cannot be reached"),
    ("guard_b", "u16", 1, "", "copy of hb_plc written last; different = discard the read"),
    ("window", "rows", WINDOW * ROW, "", "events ev_tail_echo+1 .. +8, see Events; zero beyond ev_head"),
))  # fmt: skip

C = Block("C", "command", 1024, 90, "PC", "one FC16 of exactly 90 words every cycle", registers(
    ("hb_pc", "u16", 1, "block", "+1 per block; guard A"),
    ("session_id", "u16", 1, "", "random per controller start, new after a PLC boot; never 0"),
    ("cntrl_cmd", "u16", 1, "", "PackML command 1..9, 0 = nothing; 256 + chute = jog, see Maintenance"),
    ("cmd_seq", "u16", 1, "", "a new number makes cntrl_cmd act once"),
    ("ev_tail", "u16", 1, "", "every event up to this number is on disk"),
    ("mode_cmd", "u16", 1, "", "mode wished, only in Stopped and Idle; 0 = no wish"),
    ("pc_status", "u16", 1, "bits", "0 ready, 1 vision ok, 2 routing valid, 3 hold infeed"),
    ("version_boot", "u16", 1, "", "major version << 8 | low 8 bits of the boot_id it speaks to"),
    ("assign_head", "u16", 1, "", "last assignment sequence offered; informative"),
    ("slots", "rows", SLOTS * ROW, "", "assignments, see Slots; eight zero words = empty"),
    ("guard_b", "u16", 1, "", "equal to hb_pc, or the PLC ignores the block"),
))  # fmt: skip

K = Block("K", "configuration echo", 256, 16, "PLC", "read once at connect", registers(
    ("crc", "u32", 2, "", "CRC-32 (zlib) over chute count, counts_per_m x 1000, min lead, P of all chutes"),
    ("chute_count", "u16", 1, "chute", "chutes of the line"),
    ("counts_per_m_milli", "u32", 2, "count/km", "encoder counts per metre x 1000"),
    ("scan_ms", "u16", 1, "ms", "scan period"),
    ("comm_timeout_ms", "u16", 1, "ms", "without a heartbeat for so long the PC is lost"),
    ("min_lead_mm", "u16", 1, "mm", "shortest way from a decision position to its pivot"),
    ("ring_depth", "u16", 1, "event", "events kept for the PC"),
))  # fmt: skip

P = Block("P", "decision positions", 512, 2 * CHUTES, "PLC", "at connect, <= 124 words each", registers(
    ("positions", "u32", 2 * CHUTES, "count",
     "per chute: induct eye to decision position; 0 beyond the chute count"),
))  # fmt: skip

D = Block("D", "parcels per chute", 1280, CHUTES, "PLC", "at most once a second", registers(
    ("parcels", "u16", CHUTES, "parcel", "left by each chute since boot, rolling"),
))  # fmt: skip

BLOCKS = (S, K, P, C, D)

SLOT_WORDS = ("seq", "pid high", "pid low", "chute", "alternate", "deadline encoder high",
              "deadline encoder low", "check = XOR of words 0..6 ^ 0xA55A")  # fmt: skip
RECORD_WORDS = ("seq", "type << 8 | code", "pid high", "pid low", "chute, length or as told per type",
                "encoder high", "encoder low", "t_ms, low 16 bits")  # fmt: skip

READY, VISION_OK, ROUTING_VALID, HOLD_INFEED = 1, 2, 4, 8
"""Bits of C.pc_status."""

PRODUCTION, MAINTENANCE, MANUAL = 1, 2, 3
"""S.mode and C.mode_cmd."""

JOG = 0x100
"""C.cntrl_cmd from here on: turn the diverter of chute cntrl_cmd - JOG; at most 256 chutes."""

OUTLET = 0x8000
"""Word 4 of an EYE record from here on: the eye in chute word - OUTLET; below, a belt eye."""


def ahead(later: int, earlier: int) -> int:
    """How far a 16-bit number is ahead of another, modulo 2^16; negative when it is behind."""
    return (later - earlier + 0x8000) % 0x10000 - 0x8000


def version_boot(boot_id: int) -> int:
    """C.version_boot of a block that speaks this map to that boot."""
    return MAP_VERSION & 0xFF00 | boot_id & 0xFF


class Status(NamedTuple):
    """Block S, one field per register; the maps are integers with bit c for chute c."""

    magic: int
    map_version: int
    boot_id: int
    hb_plc: int
    hb_pc_echo: int
    state: int
    order_probe: int
    encoder: int
    t_ms: int
    belt_speed: int
    ack_seq: int
    session_echo: int
    safety: int
    diag: int
    ev_head: int
    ev_tail_echo: int
    ev_lost: int
    mode: int
    cmd_ack: int
    cmd_result: int
    first_fault: int
    chute_full: int
    chute_fault: int
    guard_b: int
    window: Rows

    def pack(self) -> list[int]:
        """The block's words; a field that does not fit its register is our own mistake."""
        return pack_words(S, self)

    @classmethod
    def unpack(cls, words: Sequence[int]) -> Self:
        """The value in a whole block of words; any words will do, meaning is judged by the reader."""
        return cls(*unpack_words(S, words))

    @property
    def torn(self) -> bool:
        """The scan changed the block while it was read: none of it may be used."""
        return self.hb_plc != self.guard_b

    @property
    def chain_closed(self) -> bool:
        """The e-stop chain is closed."""
        return bool(self.safety & 1)

    @property
    def pc_alive(self) -> bool:
        """The obeyed session's heartbeat moved within the communication timeout."""
        return bool(self.safety >> 4 & 1)


class CommandBlock(NamedTuple):
    """Block C, one field per register; slots are rows of eight words (`plc.records`)."""

    hb_pc: int
    session_id: int
    cntrl_cmd: int
    cmd_seq: int
    ev_tail: int
    mode_cmd: int
    pc_status: int
    version_boot: int
    assign_head: int
    slots: Rows
    guard_b: int

    def pack(self) -> list[int]:
        """The block's words; a field that does not fit its register is our own mistake."""
        return pack_words(C, self)

    @classmethod
    def unpack(cls, words: Sequence[int]) -> Self:
        """The value in a whole block of words; any words will do, meaning is judged by the reader."""
        return cls(*unpack_words(C, words))


class Echo(NamedTuple):
    """Block K: which layout the PLC runs."""

    crc: int
    chute_count: int
    counts_per_m_milli: int
    scan_ms: int
    comm_timeout_ms: int
    min_lead_mm: int
    ring_depth: int

    def pack(self) -> list[int]:
        """The block's words; a field that does not fit its register is our own mistake."""
        return pack_words(K, self)

    @classmethod
    def unpack(cls, words: Sequence[int]) -> Self:
        """The value in a whole block of words; any words will do, meaning is judged by the reader."""
        return cls(*unpack_words(K, words))

    @classmethod
    def of(cls, layout: Layout) -> Self:
        """The echo of a PLC that runs this layout; times rounded down to ms."""
        return cls(
            layout.crc, len(layout.chutes), layout.belt.counts_per_m * 1000, layout.scan_us // 1000,
            layout.comm_timeout_us // 1000, layout.min_lead_mm, layout.ring_depth,
        )  # fmt: skip


def position_words(layout: Layout) -> list[int]:
    """Block P: 512 words, the decision position of every chute, zero beyond the last."""
    words = [word for counts in layout.decision_counts for word in split32(counts)]
    return words + [0] * (P.words - len(words))
