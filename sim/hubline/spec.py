"""What is asked of a hub's line, and which engine can say it exactly; none ever approximates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.hubline.engine import COMPILED_FROM, Engine
from sim.hubline.recorded import DRAWN
from sim.hubline.storm import kinds_of
from sorter.flow import Us
from sorter.hub import Hub
from sorter.timing import travel_us

if TYPE_CHECKING:
    from sim.hubline.scenario import Scenario

RECURSION, HEAP, LINE = METHODS = ("recursion", "heap", "line")
"""One pass in belt order; a heap of events; the closed loop of SimPy line, PLC program and controller.
The first one that can is the fastest that can."""

_ENGINES = {RECURSION: ("plain", "batch"), HEAP: ("plain-heap", "heap"), LINE: ("line", "line")}
"""Method -> its engine interpreted, and compiled."""

METHOD_OF = {engine: method for method, engines in _ENGINES.items() for engine in engines}
"""Engine -> its method."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an engine cannot say a line, as a sentence."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Both, for a person."""
        return f"{self.zh} {self.en}"


SHARED_CREW = Reason(
    "几个格口共用换袋人员,", "crews shared by chutes: how long one waits for them hangs on every other"
)
OVERTAKING = Reason(
    "识别结果可能超车,",
    "vision's answers may overtake each other, and a balanced load, or what is known of misses, goes by them",
)
LATE = Reason(
    "识别可能过迟,", "vision may answer too late for a divert: the decision then hangs on the PC's polls"
)
PICTURES = Reason("每件拍多张图,", "several pictures of a parcel: it is decided when all are answered")
ROUNDS = Reason("有回流,", "parcels come round again")
STOPS = Reason("皮带停车,", "belt stops at set instants: in the loop a person stops the line")
MISREAD = Reason("误读,", "labels read as another parcel's: in the loop a fault file says which")
INFEEDS = Reason(
    "多个上件口且有回流,", "several infeeds beside parcels that come round: no rule says which gives way"
)
LENGTHS = Reason("方案按尺寸分拣,", "the plan asks for a length, which the PLC measures by scans")
WAVES = Reason("方案按波次分拣,", "the plan asks which wave runs, and a scenario tells of none")
RIGID = Reason("皮带刚性, 先后不变,", "the belt is rigid, the order on it never changes")


@dataclass(frozen=True, slots=True)
class LineSpec:
    """What is asked of a line, as far as an engine may be unable to say it.

    overtaking  a later parcel's answer may come first, and a rule balances its chutes or diverts may fail
    late        an answer may come when the first decision position has passed
    lengths     rules name size classes
    waves       rules name waves
    infeeds     several merge onto the line
    faults      kinds that no day has of its own
    """

    crews: int = 0
    pictures: int = 1
    overtaking: bool = False
    late: bool = False
    rounds: bool = False
    stops: bool = False
    misread: bool = False
    lengths: bool = False
    waves: bool = False
    infeeds: bool = False
    faults: str = ""

    def refusals(self, method: str) -> tuple[Reason, ...]:
        """Why a method cannot say this line; empty = it can."""
        order = {SHARED_CREW: self.crews > 0, OVERTAKING: self.overtaking}
        knowledge = {LATE: self.late, PICTURES: self.pictures > 1, LENGTHS: self.lengths}
        storm = Reason("只有闭环", f"/ only in the loop can there be {self.faults}")
        storms, day = bool(self.faults), {WAVES: self.waves}
        refused = {
            RECURSION: order | knowledge | day | {INFEEDS: self.infeeds and self.rounds, storm: storms},
            HEAP: knowledge | day | {ROUNDS: self.rounds, storm: storms},
            LINE: day | {ROUNDS: self.rounds, STOPS: self.stops, MISREAD: self.misread},
        }
        return tuple(reason for reason, holds in refused[method].items() if holds)

    def able(self) -> tuple[str, ...]:
        """The methods that can say this line, the fastest first."""
        return tuple(method for method in METHODS if not self.refusals(method))

    def engine(self, parcels: int, method: str = "") -> Engine:
        """The engine for a study of so many parcels: by the method that is wanted, or the fastest that can.

        A method that refuses is our own mistake here: whoever wants one asks `refusals` first.
        """
        able = self.able()
        assert able and method in ("", *able), "no engine says this line"
        compiled = parcels >= COMPILED_FROM
        return Engine(_ENGINES[method or able[0]][compiled])

    def because(self, engine: Engine) -> tuple[Reason, ...]:
        """Why this engine: what the faster methods refuse, or that the fastest can say everything."""
        faster = METHODS[: METHODS.index(METHOD_OF[engine.name])]
        refused = tuple(dict.fromkeys(reason for method in faster for reason in self.refusals(method)))
        return refused or ((RIGID,) if not faster else ())


def spec_of(scenario: Scenario) -> LineSpec:
    """What a scenario asks of its lines."""
    hub, least_us, most_us = scenario.hub, *_latencies(scenario)
    layout = hub.layout
    flaws = (scenario.traffic.flaws, *scenario.traffic.of_courier.values())
    # Pictures are taken at scans, so that two may be a scan nearer than the parcels are.
    apart_us = travel_us(layout.infeed.min_pitch_mm, layout.belt.speed_mm_s) - layout.scan_us
    return LineSpec(
        crews=scenario.crews,
        pictures=sum(len(camera.looks_mm) for camera in layout.cameras),
        overtaking=most_us - least_us >= apart_us
        and (scenario.misses or any(rule.balance for rule in hub.plan.rules)),
        late=most_us >= _patience_us(hub),
        rounds=scenario.laps > 1 and scenario.return_mm > 0,
        stops=bool(scenario.stops),
        lengths=any(rule.sizes for rule in hub.plan.rules),
        infeeds=scenario.infeeds is not None,
        waves=any(rule.waves for rule in hub.plan.rules),
        faults=kinds_of(scenario.faults),
        misread=not scenario.recorded and any(shares.get("misread") for shares in flaws),
    )


def _latencies(scenario: Scenario) -> tuple[Us, Us]:
    """Vision's least and greatest time."""
    told = [one.latency_us for one in scenario.recorded if one.latency_us != DRAWN]
    drawn = () if scenario.recorded and len(told) == len(scenario.recorded) else scenario.traffic.vision_us
    return min([*told, *drawn]), max([*told, *drawn])


def _patience_us(hub: Hub) -> Us:
    """From a picture until its order must be on its way: the first decision, a poll and two scans later."""
    layout, camera = hub.layout, hub.layout.cameras[0]
    way_mm = layout.diverters[0].eye_mm - camera.position_mm - camera.looks_mm[0]
    return travel_us(way_mm, layout.belt.speed_mm_s) - hub.link.poll_us - 2 * layout.scan_us
