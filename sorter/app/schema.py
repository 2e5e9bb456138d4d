"""What a hub's configuration files may hold: one model per file; every other key or form is a finding.

Numbers are whole and within the stated limits; the unit ends the key's name.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sorter.app import fields
from sorter.app.fields import (
    Checked,
    Clock,
    Code,
    Day,
    Flag,
    Key,
    Mm,
    Ms,
    Number,
    Pixels,
    SignedMm,
    Text,
    one_of,
    whole,
)
from sorter.flow import Direction, Service, Why
from sorter.layout import USUAL_EXPOSURE_US
from sorter.plan import IDENTITY_CERTAIN


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BeltModel(_Model):
    """Speed, ramp and encoder of the belt."""

    speed_mm_s: Annotated[int, whole(1, 5_000)]
    ramp_mm_s2: Annotated[int, whole(1, 20_000)]
    counts_per_m: Annotated[int, whole(100, 1_000_000)]


class InfeedModel(_Model):
    """What the infeed lets through."""

    shortest_mm: Mm
    longest_mm: Annotated[int, whole(1, 65_535)]
    min_gap_mm: Mm
    min_pitch_mm: Mm


class DivertersModel(_Model):
    """A regular row of diverters; positions from the induct eye."""

    count: Annotated[int, whole(1, 128)]
    first_eye_mm: Mm
    pitch_mm: Mm
    eye_to_pivot_mm: Mm
    switch_ms: Ms


class EveryChuteModel(_Model):
    """What all chutes have in common."""

    capacity: Annotated[int, whole(1, 100_000)]
    fall_ms: Ms


class ChuteModel(_Model):
    """One chute; spare: the plan does not use it, on purpose."""

    id: Number
    key: Key
    diverter: Annotated[int, whole(0, 127)]
    side: Annotated[str, one_of(("left", "right"))]
    zh: Text
    en: Text
    spare: Flag = False


class LineFile(_Model):
    """line.yaml: belt, infeed, diverters, chutes."""

    name: Key
    belt: BeltModel
    infeed: InfeedModel
    diverters: DivertersModel
    end_after_mm: Mm
    every_chute: EveryChuteModel
    chutes: Annotated[tuple[ChuteModel, ...], Field(min_length=1, max_length=256)]


class CameraModel(_Model):
    """One camera above the belt; exposure_us: time that a picture is exposed."""

    id: Number
    position_mm: Mm
    across_mm: Mm
    along_mm: Mm
    across_px: Pixels
    along_px: Pixels
    looks_mm: Annotated[tuple[SignedMm, ...], Field(min_length=1)]
    exposure_us: Annotated[int, whole(1, 100_000)] = USUAL_EXPOSURE_US


class CamerasFile(_Model):
    """cameras.yaml: the cameras and the time that vision may take (99 of 100 pictures)."""

    vision_budget_ms: Ms
    cameras: Annotated[tuple[CameraModel, ...], Field(min_length=1)]


class LinkModel(_Model):
    """How the controller reaches the PLC."""

    host: Text
    port: Annotated[int, whole(1, 65_535)]
    unit: Number
    poll_ms: Ms
    timeout_ms: Ms


class ProgramModel(_Model):
    """What the PLC program was built with."""

    scan_ms: Annotated[int, whole(1, 100)]
    comm_timeout_ms: Ms
    ring_depth: Annotated[int, whole(256, 16_384)]
    window_mm: Mm
    hold_mm: Annotated[int, whole(0, 10_000)]


class PlcFile(_Model):
    """plc.yaml: the link and the PLC program's constants."""

    link: LinkModel
    program: ProgramModel


class DistrictModel(_Model):
    """The district that the hub serves."""

    code: Code
    name: Text


class TownModel(_Model):
    """A town and its villages, code to name."""

    name: Text
    villages: dict[Code, Text]


class AroundModel(_Model):
    """What lies above and beside the district; the full names of its neighbours."""

    province: Text = ""
    city: Text = ""
    neighbours: tuple[Text, ...] = ()


class ParticularsModel(_Model):
    """What only few places have: other names, first and last day, another operator."""

    aliases: tuple[Text, ...] = ()
    former: tuple[Text, ...] = ()
    valid_from: Annotated[Day, Field(alias="from")] = ""
    valid_to: Annotated[Day, Field(alias="to")] = ""
    operator: Text = ""
    operator_from: Day = ""


class StationModel(_Model):
    """A station or a locker, and the village that it stands in."""

    name: Text
    kind: Annotated[str, one_of(("station", "locker"))]
    village: Code


class NetworkFile(_Model):
    """network.yaml: district, towns by code, villages by code; stations and what is special, by code."""

    district: DistrictModel
    towns: Annotated[dict[Code, TownModel], Field(min_length=1)]
    around: AroundModel = AroundModel()
    stations: dict[Code, StationModel] = Field(default_factory=dict)
    particulars: dict[Code, ParticularsModel] = Field(default_factory=dict)


class SitesFile(_Model):
    """sites.yaml: courier -> site code or prefix -> code of a place."""

    sites: dict[Key, dict[Text, Code]]


class PatternModel(_Model):
    """One waybill format and the first and last day on which it holds.

    shared_with: couriers known to have the same numbers; manifest or dock decide between them.
    """

    regex: Annotated[str, Checked(fields.waybill_regex, told={"type": "string"})]
    valid_from: Annotated[Day, Field(alias="from")] = ""
    valid_to: Annotated[Day, Field(alias="to")] = ""
    shared_with: tuple[Key, ...] = ()


class CourierModel(_Model):
    """One courier: names and waybill formats."""

    zh: Text
    en: Text
    patterns: Annotated[tuple[PatternModel, ...], Field(min_length=1)]


class CouriersFile(_Model):
    """couriers.yaml: couriers by key."""

    couriers: Annotated[dict[Key, CourierModel], Field(min_length=1)]


class WaveModel(_Model):
    """From when to when a wave runs; one that ends before it begins runs over midnight."""

    begins: Annotated[Clock, Field(alias="from")]
    ends: Annotated[Clock, Field(alias="to")]


class WavesFile(_Model):
    """waves.yaml: the waves of a day by name; no two at the same time."""

    waves: Annotated[dict[Key, WaveModel], Field(min_length=1)]


class KeepingModel(_Model):
    """What may be left out takes its default; MB are 10^6 bytes."""

    segment_mb: Annotated[int, whole(1, 64)] = 16
    snapshot_records: Annotated[int, whole(100, 1_000_000)] = 20_000
    journal_days: Annotated[int, whole(1, 10_000)] = 180
    journal_mb: Annotated[int, whole(64, 100_000_000)] = 50_000
    records_days: Annotated[int, whole(1, 10_000)] = 800
    alarm_mb: Annotated[int, whole(1, 10_000_000)] = 5_000
    stop_mb: Annotated[int, whole(1, 10_000_000)] = 1_000
    advice: Annotated[int, whole(1, 5_000_000)] = 300_000


class StoreFile(_Model):
    """store.yaml: how long what a run writes is kept, and when its disk is too full."""

    keep: KeepingModel


_CERTAIN = sorted(why.value for why in IDENTITY_CERTAIN)
Exceptional = Annotated[Why, Checked(fields.exception, told={"enum": _CERTAIN})]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]


class RuleModel(_Model):
    """One rule of the plan; a key that is absent matches everything."""

    id: Key
    couriers: Names = ()
    directions: tuple[Annotated[Direction, one_of(d.value for d in Direction)], ...] = Field((), min_length=1)
    services: tuple[Annotated[Service, one_of(s.value for s in Service)], ...] = Field((), min_length=1)
    sizes: Names = ()
    inspected: Flag | None = None
    waves: Names = ()
    operators: Names = ()
    towns: Names = ()
    villages: Names = ()
    stations: Names = ()
    to: Names
    overflow: Names = ()
    balance: Flag = False


class PlanFile(_Model):
    """plan.yaml: rules, first match wins, and the chutes of certain exceptions.

    for_towns: the only towns this plan is for (a second pass). sizes: class to longest length in mm.
    groups: name to chutes or groups. fallbacks: chute to the one that takes over when it is full or locked.
    """

    name: Key
    for_towns: Names = ()
    sizes: dict[Key, Mm] = Field(default_factory=dict)
    groups: dict[Key, Names] = Field(default_factory=dict)
    fallbacks: dict[Key, Text] = Field(default_factory=dict)
    rules: Annotated[tuple[RuleModel, ...], Field(min_length=1)]
    defaults: dict[Key, Text] = Field(default_factory=dict)
    exceptions: dict[Exceptional, Text] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"enum": [*_CERTAIN]}}
    )
