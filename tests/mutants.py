"""Mistakes put into the product on purpose, in memory: named lines replaced by wrong ones.

A mutant whose target text is gone is an error. `data/mutants.json` names the seed and mix of the torture that
tell it (`mutant_pairs.trial`), `mutants_told.py` the test.
"""

from __future__ import annotations

import ast
import importlib
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """In `where` ("module:Class.function") every `old` becomes `new`."""

    name: str
    where: str
    old: str
    new: str


class TargetGoneError(Exception):
    """The text that a mutant replaces is not there any more: adapt the mutant."""


@contextmanager
def applied(mutants: Sequence[Mutant]) -> Iterator[None]:
    """The product with these mistakes in it, several in one function as well."""
    with ExitStack() as stack:
        for where in dict.fromkeys(mutant.where for mutant in mutants):
            stack.enter_context(_changed(where, [mutant for mutant in mutants if mutant.where == where]))
        yield


@contextmanager
def _changed(where: str, mutants: Sequence[Mutant]) -> Iterator[None]:
    function = _function(where)
    right = function.__code__
    function.__code__ = _wrong(mutants, function)
    try:
        yield
    finally:
        function.__code__ = right


def _function(where: str) -> FunctionType:
    module, name = where.split(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = found.__dict__[part]
    found = getattr(found, "fget", found)
    assert isinstance(found, FunctionType), where
    return found


@cache
def _source(path: str) -> tuple[str, ast.Module]:
    text = Path(path).read_text(encoding="utf-8")
    return text, ast.parse(text)


def _wrong(mutants: Sequence[Mutant], function: FunctionType) -> CodeType:
    text, tree = _source(function.__code__.co_filename)
    node = _node(tree, mutants[0].where.split(":")[1].split("."))
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    source = textwrap.dedent("\n".join(lines))
    for mutant in mutants:
        if mutant.old not in source:
            raise TargetGoneError(f"{mutant.name}: {mutant.where} does not hold {mutant.old!r}")
        source = source.replace(mutant.old, mutant.new)
    made: dict[str, Any] = {}
    exec(compile("from __future__ import annotations\n" + source, function.__code__.co_filename, "exec"),
         function.__globals__, made)  # fmt: skip
    code = made[node.name].__code__
    assert isinstance(code, CodeType)
    return code


def _node(tree: ast.Module, names: Sequence[str]) -> ast.FunctionDef:
    body: Sequence[ast.stmt] = tree.body
    for name in names[:-1]:
        body = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == name).body
    return next(node for node in body if isinstance(node, ast.FunctionDef) and node.name == names[-1])


_PC, _PLC, _PROG = "plc.pc_mailbox:PcMailbox.", "plc.mailbox:", "plc.program:LineProgram."
_RING = "plc.event_ring:EventRing."
_MODES, _DIV, _CTRL = "plc.modes:Modes.", "plc.diverting:Diverting.", "sorter.controller:Controller."
_CARE = "plc.maintenance:Maintenance."
_RUN, _JRN = "sorter.app.runner:Runner.", "sorter.app.journal:JournalWriter."
_SEG = "sorter.app.segment_writer:"

MUTANTS = (
    # the PC's end of the mailbox
    Mutant("acknowledges what is not stored", _PC + "block", "if stored:", "if True:"),
    Mutant("old orders survive a boot", _PC + "take", "self._assigns.clear()", "pass"),
    Mutant("takes an event again", _PC + "_window", "step <= 0", "step < -3"),
    Mutant("forgets what its predecessor stored", _PC + "_first_unknown", "return known.tail",
           "return status.ev_tail_echo"),
    Mutant("offers orders into an e-stop", _PC + "_slots", " or not self._chain_closed()", ""),
    Mutant("keeps a start through an e-stop", _PC + "offer", "order.command in MOTION", "False"),
    Mutant("numbers orders wrongly", _PC + "_slots", "self._ack + 1 + place", "self._ack + 2 + place"),
    Mutant("hides lost events", _PC + "_note_lost", "self._lost += grown", "pass"),
    Mutant("does not know a new boot", _PC + "take", "status.boot_id != self._status.boot_id", "False"),
    Mutant("keeps the infeed open on a late disk", _PC + "block", "self._disk_late = not stored",
           "self._disk_late = False"),
    # the PLC's end
    Mutant("never loses the PC", _PLC + "PlcMailbox.begin_scan", ">= self._timeout_ms", ">= 1 << 31"),
    Mutant("drops events silently", _RING + "push", "self.lost = (self.lost + 1) & 0xFFFF", "pass"),
    Mutant("shows events in the wrong order", _RING + "window", "self._kept[place]",
           "self._kept[-1 - place]"),
    Mutant("acknowledges one too many", _RING + "acknowledge", "for _ in range(count):",
           "for _ in range(min(count + 1, len(self._kept))):"),
    Mutant("carries out a command again and again", _PLC + "PlcMailbox._command",
           "ahead(block.cmd_seq, self._cmd_ack) <= 0", "False"),
    Mutant("takes orders out of sequence", _PLC + "PlcMailbox._orders", "offered[slot[0]] = slot[1]",
           "offered[(self._ack + 1) & 0xFFFF] = slot[1]"),
    Mutant("obeys blocks for another boot", _PLC + "PlcMailbox._legible",
           "block.version_boot == version_boot(self._boot_id)", "True"),
    Mutant("obeys any session", _PLC + "PlcMailbox._obeys", "block.session_id == self._session", "True"),
    # the PLC's program
    Mutant("diverts close neighbours", _PROG + "_too_close", "one.fate = one.fate or Result.GAP_TOO_SMALL",
           "pass"),
    Mutant("fires after an abort", _PROG + "scan", "self._diverting.disarm()", "pass"),
    Mutant("loses lost parcels", _PROG + "_passed_unseen", "self._ledger.finish(job, Result.LOST, REJECT)",
           "self._ledger.drop(track)"),
    Mutant("believes a jumping encoder", _PROG + "scan", "self._modes.moved(passed_ms, moved, ledger)",
           "pass"),
    Mutant("believes a standing encoder", _MODES + "step",
           "not self._encoder.goes_on(ledger.at_ms, ledger.count, self.belt_run)", "False"),
    Mutant("runs on in an e-stop", _MODES + "step", "if not safe and", "if False and"),
    Mutant("starts in an e-stop", _MODES + "command", "if not inputs.safe or (", "if ("),
    Mutant("keeps its tracks over an abort", _MODES + "command", "ledger.purge()", "pass"),
    Mutant("opens the infeed while its ring is full", _MODES + "infeed_open", " and not ring_high",
           ""),
    Mutant("fires for close parcels", _DIV + "_fire", "< self._pitches[diverter]", "< 0"),
    Mutant("arms what must ride to the end", _DIV + "reached", "job.fate is None and ", ""),
    Mutant("fills full chutes", _DIV + "_usable", "full >> chute | ", ""),
    Mutant("never turns wheels back", _DIV + "_release", "self._turn(diverter, 0)", "pass"),
    Mutant("turns the wrong way", _DIV + "_fire", "self._layout.chutes[job.aim].side",
           "-self._layout.chutes[job.aim].side"),
    Mutant("turns wheels back by counts alone", _DIV + "run", "self._lost = True", "pass"),
    Mutant("fires by counts alone", _DIV + "_fire", "> self._missable", "> 1 << 30"),
    Mutant("sorts on by lost counts", _PROG + "_due", "self._modes.encoder_failed(ledger)", "pass"),
    Mutant("knows by lost counts who was swept", _DIV + "_swept", " if counted else None", ""),
    Mutant("forgets a wheel that was turned when the belt stopped", _PROG + "scan",
           "self._diverting.halted or self._diverting.waits", "self._diverting.waits"),
    Mutant("takes full speed for granted while something falls", _DIV + "_met",
           "then = self._encoder.then(at_ms - self._fall_ms[chute], at_ms, self._ledger.count)",
           "then = self._ledger.count - self._speed * self._fall_ms[chute] // 1000"),
    Mutant("turns wheels where hands may be", "plc.encoder:EncoderWatch.stands",
           "return self._since is None and", "return False and"),
    Mutant("leaves wheels turned in an e-stop", _DIV + "disarm", "self.wheels = self._straight", "pass"),
    Mutant("swings its wheels in an e-stop", _DIV + "disarm", "self.wheels = self._straight",
           "self.wheels = (self._ledger.at_ms // 10 % 8 == 1,) * len(self._straight)"),
    Mutant("leaves a wheel that waited for the belt", _PROG + "scan",
           "self._diverting.halted or self._diverting.waits", "self._diverting.halted"),
    Mutant("fires late", _DIV + "reached", "pivot - self._leads[diverter]",
           "pivot - self._leads[diverter] // 4"),
    Mutant("windows overlap", "sorter.tracking:Tracker.window", "(self.separation(index) - 1) // 2",
           "4 * self.max_window"),
    Mutant("one window for all", "sorter.tracking:Tracker._candidates", "off <= self.window(index)", "True"),
    Mutant("no re-basing", "sorter.tracking:Tracker.seen",
           "track.place, track.eye, track.missed = place, eye + 1, 0",
           "track.eye, track.missed = eye + 1, 0"),
    Mutant("misses are never too many", "sorter.tracking:Tracker.passed_unseen",
           "track.missed >= MISSES_BEFORE_LOST or track.eye >= len(self.eyes)", "False"),
    Mutant("uses ids again", "plc.jobs:Ledger.open", "% 0xFFFFFF", "% 7"),
    Mutant("tells results twice", "plc.jobs:Ledger.close", "self.events.append(",
           "self.events.append(Left(self.at_us, job.pid, result, chute, self.encoder)); self.events.append("),
    Mutant("enters maintenance in mid-flow", _CARE + "after", " and outputs.state in STANDING", ""),
    Mutant("jogs a line that runs", _CARE + "_may_jog", "self.on and state in STANDING and", ""),
    Mutant("jogs without maintenance", _CARE + "_may_jog", "self.on and", ""),
    Mutant("never ends a jog", _CARE + "after", "and in_time and", "and"),
    Mutant("takes late orders", "plc.orders:_too_late", "return bool(expired) or ", "return False and "),
    # the controller
    Mutant("orders for parcels of an older start", _CTRL + "_restarted", "parcel.closed = True", "pass"),
    Mutant("forgets the belt at a boot without a word", _CTRL + "_new_boot",
           "ended = self._end_all(Why.REBOOTED, at_us)", "ended = []"),
    Mutant("leaves parcels open whose events were lost", _CTRL + "_events_lost",
           "*self._end_all(Why.EVENTS_LOST, event.at_us)", ""),
    Mutant("keeps a parcel that has left", _CTRL + "_left", "self._parcels.take(event.pid)",
           "self._parcels.get(event.pid)"),
    Mutant("keeps pictures over a boot", _CTRL + "_end_all", "self._pictures.forget()", "pass"),
    Mutant("sees while the counts are lost", "sorter.pictures:Pictures.encoder_trouble",
           "self._blind = event.code == _LOST", "pass"),
    Mutant("decides by time alone", _CTRL + "_decide_ripe", "p.ripe and ", ""),
    Mutant("sends what it decided against", _CTRL + "_decided", "if not parcel.assigned:", "if False:"),
    Mutant("sends the neighbour", _CTRL + "_decided", "Assign(decision.pid,", "Assign(decision.pid + 1,"),
    Mutant("records what was told, not what was done", "sorter.parcels:OpenParcel.record", "left=left",
           "left=decision.chute if decision else left"),
    Mutant("calls everything sorted", "sorter.outcomes:_by_chute", "return Why.MISDIVERTED",
           "return Why.ROUTED"),
    Mutant("believes the alternate", "sorter.outcomes:reason", "if result in _BY_RESULT:", "if False:"),
    Mutant("holds nothing", "sorter.rulings:Rulings.held", "waybill in self._held", "False"),
    Mutant("keeps the first advice", "sorter.rulings:Rulings._advise",
           "if not self._advised.tell(event)",
           "if event.waybill in self._advised or not self._advised.tell(event)"),
    Mutant("drops disputed reads' dispute", "sorter.rulings:Rulings._choice", "if agreed.disputed:",
           "if False:"),
    Mutant("sends into locked chutes", "sorter.chutes:ChuteBoard.pick", "if chute not in self.locked",
           "if True"),
    Mutant("uses old pictures", "sorter.pictures:Pictures.answered", "taken.encoder != tag.encoder", "False"),
    Mutant("gives codes to the parcel before", "sorter.matching:owners",
           "found.append(span.pid)", "found.append(spans[index - 1].pid if index else span.pid)"),
    Mutant("takes the wrong camera side", "sorter.matching:code_place", "camera.downstream_mm(row)",
           "2000"),
    Mutant("routes without asking the plan", "sorter.plan:decide", "rule = plan.ruling(",
           "rule = plan.rules[0] or ("),
    Mutant("unclear means the first town", "sorter.plan:_tells", "bool(advised.place)", "True"),
    Mutant("ignores what is full", "sorter.chutes:ChuteBoard.pick", "if chute not in self.full", "if True"),
    Mutant("orders to what is broken", "sorter.chutes:ChuteBoard.pick", " and chute not in self.broken", ""),
    Mutant("sends again where the machine refused", "sorter.chutes:ChuteBoard.answered",
           "self.out.add(chute)", "pass"),
    Mutant("hides what is broken", _PC + "_note_broken", "bool(self._broken >> chute & 1)", "False"),
    Mutant("takes a line that another controller holds", "plc.rival:Rival.look", "self._moves >= MOVES",
           "False"),
    Mutant("waits for the dead for ever", "plc.rival:Rival.look",
           "Held.FREE if now_us - self._moved_us > self._patience_us else Held.WAIT", "Held.WAIT"),
    Mutant("decides after the deadline", _CTRL + "_pick",
           "self._passed(parcel, pick.chute)", "False"),
    Mutant("decides for parcels of an older start", _CTRL + "_decide_ripe", " and not p.closed", ""),
    Mutant("never suspends", _MODES + "step", "self._wish = PackState.SUSPENDING", "pass"),
    Mutant("opens the infeed without a PC", _MODES + "infeed_open", "alive and ", ""),
    Mutant("calls nobody back who is held", _CTRL + "_intercept", "event.held and p.routed_as(event.waybill)",
           "False"),
    Mutant("calls nobody back whose chute is locked", _CTRL + "_locked",
           "event.locked and p.sent_to(event.chute)", "False"),
    Mutant("calls the wrong parcel back", _CTRL + "_recall", "for parcel in parcels",
           "for parcel in list(self._parcels)[:1]"),
    Mutant("refuses every recall", "plc.orders:_recall", "if at_decision", "if True"),
    Mutant("does not say that an intercept came late", _CTRL + "_left", "told.append(", "str("),
    Mutant("tells an alternate that is shut", "sorter.chutes:ChuteBoard.pick", "for other in usable if",
           "for other in chutes if"),
    Mutant("counts no misses", "sorter.chutes:ChuteBoard.left", "self._misses[missed] += 1", "pass"),
    Mutant("takes a chute out without a word", "sorter.chutes:ChuteBoard.left",
           'return [Notice(event.at_us, "chute-out", str(missed))]', "return []"),
    Mutant("does not say that it began anew", _CTRL + "_restarted", "return [told, *", "return [*"),
    Mutant("does not say that the PLC began anew", _CTRL + "_new_boot",
           'Notice(at_us, "plc-rebooted", str(boot_id))', "*()"),
    Mutant("does not say in which state the line is", _CTRL + "_state_changed",
           'Notice(event.at_us, "state", event.state.name), *', "*"),
    Mutant("stands over a jam without a word", _PROG + "_hold", "self._ledger.events.append(jam)", "pass"),
    Mutant("changes its state without a word", _MODES + "step",
           "ledger.events.append(StateChanged(ledger.at_us, self.state))", "pass"),
    Mutant("aborts on false counts without a word", _MODES + "encoder_failed",
           "ledger.events.append(EncoderTrouble(ledger.at_us, 1))", "pass"),
    Mutant("does not say that the PC is lost", _PLC + "PlcMailbox._tell",
           "self._comm.append(", "code == 1 or self._comm.append("),
    Mutant("slips without a word", _PROG + "_sight",
           "ledger.events.append(EncoderTrouble(ledger.at_us, _SLIPS if self._slips else _GRIPS))", "pass"),
    Mutant("goes by the day of its start", "sorter.app.stage:recovered", "turn.cause.on_date", "on_date"),
    # the loop and the disk
    Mutant("orders before they are stored", _RUN + "cycle", "self._orders if stored else ()", "self._orders"),
    Mutant("says stored when it is not", _RUN + "cycle", "self._machine.send(orders, stored)",
           "self._machine.send(orders, True)"),
    Mutant("throws unsent orders away", _RUN + "cycle", "    if stored:\n        self._orders = []",
           "    self._orders = []"),
    Mutant("never mends the journal", _RUN + "_mend_journal", "self._journal.reopen()", "pass"),
    Mutant("does not journal events", _RUN + "_handle", "self._journal.append(event)", "pass"),
    Mutant("counts a failed write as done", _JRN + "_try",
           "self._settle([], str(disk_error(path, error) if isinstance(error, OSError) else error))",
           "self._settle(frames, '')"),
    Mutant("writes on after a failure", _JRN + "_store", "self._end.repair()", "pass"),
    Mutant("does not sync", _SEG + "SegmentWriter.write", "self._disk.sync(self._file)", "pass"),
    Mutant("does not write failed pages anew", _SEG + "SegmentWriter._open",
           "self._disk.overwrite(self._file, self._disk.read(self.path, 0, self._byte))", "pass"),
    Mutant("leaves a torn tail standing", _SEG + "SegmentWriter._open",
           "self._disk.cut(self._file, self._byte)", "pass"),
    Mutant("does not make names durable", _SEG + "SegmentWriter._create",
           "self._disk.sync_folder(self._folder)", "pass"),
    Mutant("writes over the last record", _SEG + "SegmentWriter.write", "self._byte += len(data)", "pass"),
    Mutant("loses the effects of a crash", "sorter.app.stage:recovered",
           "past.controller.handle(turn.cause)[len(turn.effects) :]",
           "past.controller.handle(turn.cause)[:0]"),
    Mutant("counts a torn batch's events as unknown", "sorter.app.stage:tail_after",
           "(tail.tail + 1) & 0xFFFF", "tail.tail"),
    Mutant("forgets what a boot told first", "sorter.app.stage:tail_after",
           "isinstance(event, LinkUp | Rebooted) and", "False and"),
    Mutant("does not say that it restarted", "sorter.app.stage:begun", "runner.post(Restarted)", "pass"),
)  # fmt: skip

BY_NAME = {mutant.name: mutant for mutant in MUTANTS}
