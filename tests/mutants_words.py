"""Mistakes in what the product keeps and says: decisions, orders, reasons, reads. The steel does right.

Told by `sim/oracle/reasons.py`, `outlets.py`, `decisions.py:all_kept`; `data/mutants.json` names the seeds.
"""

from __future__ import annotations

from tests.mutants import Mutant

_CTRL, _RECORD = "sorter.controller:Controller.", "sorter.parcels:OpenParcel.record"
_WHY, _PICK = "sorter.outcomes:", "sorter.chutes:ChuteBoard.pick"

WORDS = (
    Mutant("does not keep decisions that are ordered", _CTRL + "_decided", "return [decision, Assign(",
           "return [Assign("),
    Mutant("does not keep decisions to the end", _CTRL + "_decided", "return [decision]", "return []"),
    Mutant("sends emergency supplies into a shut chute", _CTRL + "_pick",
           "pick = self._chutes.pick(ruled.chutes",
           "if ruled.rule_id == 'urgent':\n        return Pick(ruled.chutes[0], REJECT, ruled.why)\n"
           "    pick = self._chutes.pick(ruled.chutes"),
    Mutant("lets emergency supplies pass an intercept", "sorter.plan:decide", "if held and choice.waybill:",
           "if held and choice.waybill and (advised is None or advised.service.value != 'emergency'):"),
    Mutant("gives emergency supplies their town's chute", "sorter.plan:item_of", "advised.service,",
           "type(advised.service).STANDARD,"),
    Mutant("hides the alternate", _CTRL + "_decided", "alternate=pick.alternate", "alternate=REJECT"),
    Mutant("orders the twin of what it decided", _CTRL + "_decided",
           "Assign(decision.pid, pick.chute,",
           "Assign(decision.pid, 9 - pick.chute if pick.chute in (4, 5) else pick.chute,"),
    Mutant("has alternates that no plan gives", _PICK, "for other in usable if",
           "for other in range(len(self._diverter)) if"),
    Mutant("gives one reason for every refusal", _PICK, "Why.CHUTE_FULL if working else why",
           "Why.CHUTE_FULL"),
    Mutant("refuses before it is too late", _CTRL + "_passed", "> 0", "> -20000"),
    Mutant("believes what was full before a boot", _CTRL + "_new_boot", "self._chutes.full.clear()", "pass"),
    Mutant("believes what was full before words were lost", _CTRL + "_events_lost",
           "self._chutes.full.clear()", "pass"),
    Mutant("calls broken chutes full", "plc.diverting:Diverting._usable",
           "broken = faults >> here & 1 and not full >> job.aim & 1", "broken = False"),
    Mutant("counts no new epoch", _CTRL + "_new_boot", "self._epoch += 1", "pass"),
    Mutant("keeps one read of several", _RECORD, "reads=self.reads", "reads=self.reads[:1]"),
    Mutant("records no waybill", _RECORD, 'waybill=decision.waybill if decision else ""', 'waybill=""'),
    Mutant("records no plan", _RECORD, 'plan_version=decision.plan_version if decision else ""',
           'plan_version=""'),
    Mutant("calls what rides to the end unread", _WHY + "reason", "return decision.why",
           "return Why.NO_CODE"),
    Mutant("calls what was not diverted unread", _WHY + "_not_diverted", "if result is Result.FULL_REJECT:",
           "return Why.NO_CODE\n    if False:"),
    Mutant("calls the alternate another chute", _WHY + "_by_chute", "return Why.ROUTED_ALTERNATE",
           "return Why.MISDIVERTED"),
    Mutant("does not tell old pictures", "sorter.pictures:Pictures.answered",
           'return [Notice(event.at_us, "old-picture", f"{tag.camera}/{tag.frame}")]', "return []"),
    Mutant("does not tell that vision failed", "sorter.pictures:Pictures.answered",
           'notices.append(Notice(event.at_us, "vision-failed", event.failure))', "pass"),
    Mutant("believes a camera that stands", "vision.watch:Watch.doubt", "return STILL", 'return ""'),
    Mutant("does not tell a dark camera", "vision.watch:Watch.doubt",
           "return DARK if self._dark[camera] >= DARK_ONES else", "return"),
)  # fmt: skip
