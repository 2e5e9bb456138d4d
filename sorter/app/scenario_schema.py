"""What a scenario file may hold: one model per part; every other key or form is a finding.

Times of day are "05:30" or "05:30:15", up to 47:59:59 for what lies after midnight. Shares are 2%, 0.05% or
150ppm. The unit ends a key's name.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sim.hubline.docks import MERGES
from sim.hubline.scenario import LINES_MOST
from sim.hubline.spec import METHODS
from sim.hubline.stream import FLAWS
from sorter.app.fault_schema import Share
from sorter.app.fields import Day, Key, Mm, Ms, Text, form, one_of, whole
from sorter.flow import Us

CLOSED = ("locked", "broken", "full")
"""What keeps parcels from a chute: a person's lock, its diverter out of order, a chute that says full."""


def _moment_us(text: str) -> Us:
    hours, minutes, seconds = (int(part) for part in (text + ":00").split(":")[:3])
    return (hours * 3600 + minutes * 60 + seconds) * 1_000_000


Moment = Annotated[
    Us,
    BeforeValidator(_moment_us),
    form(
        "(?:[0-3][0-9]|4[0-7]):[0-5][0-9](?::[0-5][0-9])?",
        "write hours:minutes in quotes, for example '05:30', or '24:30' for half an hour after midnight",
    ),
]
Real = Annotated[
    float,
    BeforeValidator(float),
    form(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", "write a number from 0 on, for example 3 or 0.25"),
]
Factor = Annotated[
    float,
    BeforeValidator(float),
    form(r"(?![0.]+$)[0-9]{1,2}(?:\.[0-9]{1,4})?", "write a factor above 0 and below 100, for example 1.5"),
]
Percent = Annotated[
    float,
    BeforeValidator(float),
    form(r"100|[0-9]{1,2}(?:\.[0-9]{1,4})?", "write percent without the sign, for example 2 or 0.05"),
]
Flaw = Annotated[str, one_of(FLAWS[1:])]
Parcels = Annotated[int, whole(1, 10_000_000)]
BagChange = Annotated[int, whole(1, 3_600)]
BagCrews = Annotated[int, whole(0, 100)]
Lines = Annotated[int, whole(1, LINES_MOST)]
Capacity = Annotated[int, whole(1, 100_000)]
Count = Annotated[int, whole(1, 100_000)]


Minutes = Annotated[int, whole(0, 720)]
Late = Annotated[
    tuple[Minutes, Minutes],
    BeforeValidator(lambda value: value if isinstance(value, list | tuple) else (value, value)),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InfeedModel(_Model):
    """One of each line's infeeds, for some couriers' parcels.

    holds: so many wait in it at most. when_full: the unloading waits, or who comes is set aside
    """

    key: Key
    couriers: Annotated[tuple[Text, ...], Field(min_length=1)]
    holds: Count | None = None
    when_full: Annotated[str, one_of(("wait", "aside"))] = "wait"


class SharesModel(_Model):
    """Shares of all parcels; what is not given is as on an ordinary day, the rest goes to the villages."""

    upstream: Share | None = None
    returned: Annotated[Share | None, Field(alias="return")] = None
    cold: Share | None = None
    emergency: Share | None = None


class WaveModel(_Model):
    """Parcels at an even rate between two times of day; parcels = how many in all, instead of per_hour.

    shares: of this wave, in place of the scenario's
    """

    begins: Annotated[Moment, Field(alias="from")]
    ends: Annotated[Moment, Field(alias="to")]
    parcels: Parcels | None = None
    per_hour: Parcels | None = None
    mix: dict[Text, Real] = Field(default_factory=dict)
    shares: SharesModel | None = None


class TripModel(_Model):
    """A truck or a bus: from its time of day on it is unloaded at a rate.

    late_min: it comes so many minutes late; [0, 40] = drawn anew for each day, even between the two
    shares: of what it brings, in place of the scenario's
    """

    at: Moment
    courier: Text | None = None
    parcels: Parcels
    per_hour: Parcels
    late_min: Late = (0, 0)
    shares: SharesModel | None = None


class FirstPassModel(_Model):
    """Another scenario whose parcels in some chutes are sorted again, offered evenly between two times."""

    scenario: Text
    chutes: Annotated[tuple[Text, ...], Field(min_length=1)]
    begins: Annotated[Moment, Field(alias="from")]
    ends: Annotated[Moment, Field(alias="to")]


class ClosureModel(_Model):
    """One chute that is locked, broken or full for a time."""

    chute: Text
    state: Annotated[str, one_of(CLOSED)]
    begins: Annotated[Moment, Field(alias="from")]
    ends: Annotated[Moment, Field(alias="to")]


class StopModel(_Model):
    """The belt of every line brakes at one time and starts again at another."""

    begins: Annotated[Moment, Field(alias="from")]
    ends: Annotated[Moment, Field(alias="to")]


class RecirculationModel(_Model):
    """A loop: what missed its chute comes back from the end to the infeed, for at most so many rounds."""

    return_mm: Annotated[int, whole(0, 1_000_000)] = 0
    laps: Annotated[int, whole(1, 50)] = 1


class ReplicationsModel(_Model):
    """How many days are simulated: `least`; or until `of` are known to +- precision, at most `most`."""

    least: Count = 10
    most: Count | None = None
    precision: Share | None = None
    figures: Annotated[tuple[Text, ...], Field(alias="of")] = ()


class LimitModel(_Model):
    """At least, at most, or both; in the figure's own unit."""

    least: Real | None = None
    most: Real | None = None


class SweepModel(_Model):
    """Values of parameters; every combination is a point.

    load             factor on what arrives
    lines            like lines that share it
    bag_change_s     time of the crew
    unread_percent   good labels of which the reader makes nothing, whatever the courier
    failing_percent  diverts that the wheels fail to make
    bag_crews        crews of each line for all its chutes, 0 = one for each chute
    capacity         parcels that each chute's bag holds
    """

    load: Annotated[tuple[Factor, ...], Field(min_length=1)] = ()
    lines: Annotated[tuple[Lines, ...], Field(min_length=1)] = ()
    bag_change_s: Annotated[tuple[BagChange, ...], Field(min_length=1)] = ()
    bag_crews: Annotated[tuple[BagCrews, ...], Field(min_length=1)] = ()
    unread_percent: Annotated[tuple[Percent, ...], Field(min_length=1)] = ()
    failing_percent: Annotated[tuple[Percent, ...], Field(min_length=1)] = ()
    capacity: Annotated[tuple[Capacity, ...], Field(min_length=1)] = ()


STEPPED = ("load", "lines", "bag_change_s", "unread_percent", "failing_percent", "capacity")
"""Parameters from which a relative step leads somewhere."""


class SensitivityModel(_Model):
    """One step below and one above for each parameter, from what the scenario has: what do figures owe to it?

    step: relative, e.g. 10%; a whole number is stepped by 1 at least
    """

    of: Annotated[tuple[Annotated[str, one_of(STEPPED)], ...], Field(min_length=1)]
    step: Share = 100_000


class ScenarioFile(_Model):
    """A scenario. hub and compare are paths as seen from the file's own folder.

    infeeds: of each line, merged onto it by the rule of merge; without any there is one, where who came first
    goes first. The line clock starts when the first wave, truck or bus is due. places: a town weighs as much
    as it has villages, unless it is given here. flaws_of: shares of some couriers, in place of flaws.
    compare: other scenario files, run over the same parcels; differences are from the first of them.
    engine: not to be given but to check one by another; the fastest that can say the scenario is taken.
    """

    name: Key
    zh: Text
    en: Text
    hub: Text
    lines: Lines = 1
    seed: Annotated[int, whole(0, 1_000_000_000)] = 1
    date: Day
    waves: tuple[WaveModel, ...] = ()
    trucks: tuple[TripModel, ...] = ()
    buses: tuple[TripModel, ...] = ()
    first_pass: FirstPassModel | None = None
    infeeds: Annotated[tuple[InfeedModel, ...], Field(max_length=16)] = ()
    merge: Annotated[str, one_of(MERGES)] = "in-turn"
    shares: SharesModel = SharesModel()
    flaws: dict[Flaw, Share] = Field(default_factory=dict)
    flaws_of: dict[Text, dict[Flaw, Share]] = Field(default_factory=dict)
    places: dict[Text, Real] = Field(default_factory=dict)
    length_mm: tuple[Mm, Mm, Mm] | None = None
    vision_ms: tuple[Ms, Ms] | None = None
    failing: Share = 0
    bag_change_s: BagChange | None = None
    bag_crews: BagCrews = 0
    engine: Annotated[str, one_of(METHODS)] = ""
    recirculation: RecirculationModel = RecirculationModel()
    closures: Annotated[tuple[ClosureModel, ...], Field(max_length=500)] = ()
    stops: Annotated[tuple[StopModel, ...], Field(max_length=500)] = ()
    replications: ReplicationsModel = ReplicationsModel()
    thresholds: dict[Text, LimitModel] = Field(default_factory=dict)
    sweep: SweepModel = SweepModel()
    sensitivity: SensitivityModel | None = None
    compare: tuple[Text, ...] = ()
