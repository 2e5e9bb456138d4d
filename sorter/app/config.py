"""A folder of YAML files becomes a Hub, or all of its problems at once, each with file:line:column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sorter.app.dimensions import (
    Dimension,
    camera_dimensions,
    dimension_findings,
    line_dimensions,
    link_dimensions,
)  # fmt: skip
from sorter.app.fields import nearest
from sorter.app.fitting import M, Source, fit
from sorter.app.keeping_file import keeping_findings, keeping_of
from sorter.app.line_file import camera_findings, layout_of, line_findings, link_of
from sorter.app.network_file import (
    courier_findings,
    couriers_of,
    network_findings,
    network_of,
    overlap_findings,
)
from sorter.app.plan_checks import idle_findings, plan_findings
from sorter.app.plan_file import Vocabulary, plan_of
from sorter.app.schema import (
    CamerasFile,
    CouriersFile,
    LineFile,
    NetworkFile,
    PlanFile,
    PlcFile,
    SitesFile,
    StoreFile,
    WavesFile,
)
from sorter.app.sites_file import site_findings, sites_of
from sorter.app.strict_yaml import Finding, UnreadableError, file_text, read_yaml
from sorter.app.waves_file import wave_findings, waves_of
from sorter.errors import ConfigError, Problem
from sorter.hub import Hub, Keeping, Wave
from sorter.layout import Layout, Link
from sorter.network import Network
from sorter.plan import Plan
from sorter.sites import NO_SITES, Sites
from sorter.waybill import Couriers

PLAN = "plan.yaml"
FILES = ("line.yaml", "cameras.yaml", "plc.yaml", "network.yaml", "couriers.yaml", PLAN)
"""What a hub's folder holds."""

MAY_LACK = ("sites.yaml", "waves.yaml", "store.yaml")
"""What a hub's folder may hold too."""


@dataclass(frozen=True)
class Reading:
    """What came of reading a hub: the hub when there is no problem; both lists in the order of the files."""

    hub: Hub | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    dimensions: tuple[Dimension, ...]


def load_hub(folder: Path) -> Hub:
    """The hub in a folder. Raises ConfigError with all problems of all files."""
    return _hub(read_hub(folder))


def hub_from_files(files: Mapping[str, str], name: str) -> Hub:
    """The hub in these texts (file name -> text), as `Hub.files` keeps them. Raises like `load_hub`."""
    return _hub(read_texts(files, name))


def read_texts(files: Mapping[str, str], name: str) -> Reading:
    """The same with the warnings and the dimensions; raises nothing for a wrong text."""
    return _Builder(files).read(name, name)


def read_hub(folder: Path) -> Reading:
    """The same as `load_hub` with the warnings and the dimensions; raises nothing for a wrong file."""
    if not folder.is_dir():
        problem = Problem(str(folder), "there is no such folder", "name the folder that holds line.yaml")
        return Reading(None, (problem,), (), ())
    texts: dict[str, str] = {}
    unreadable: list[Finding] = []
    for path in sorted(folder.glob("*.y*ml")):
        try:
            texts[path.name] = file_text(path)
        except UnreadableError as error:
            unreadable.append(error.finding)
    return _Builder(texts, unreadable).read(folder.resolve().name, str(folder))


def read_plan(hub: Hub, path: Path) -> Reading:
    """The hub with the plan of another file in place of its own; problems and warnings are that file's."""
    name = path.name
    files = {file: text for file, text in hub.files.items() if file != PLAN}
    unreadable: list[Finding] = []
    try:
        files[name] = file_text(path)
    except UnreadableError as error:
        unreadable.append(error.finding)
    return _Builder(files, unreadable, name, str(path.parent)).read(hub.name, hub.name)


def _hub(reading: Reading) -> Hub:
    if reading.hub is None:
        raise ConfigError(reading.problems)
    return reading.hub


class _Builder:
    """Reads one hub's texts; every step takes what the steps before it could make."""

    def __init__(
        self, files: Mapping[str, str], unreadable: Iterable[Finding] = (), plan: str = PLAN, beside: str = ""
    ) -> None:
        """plan: name of the plan's file; beside: its folder where that is not the others'."""
        self.files = files
        self.plan = plan
        self.beside = beside
        self.findings = list(unreadable)
        self.dimensions: list[Dimension] = []

    def read(self, name: str, folder: str) -> Reading:
        """Build and check everything; the findings' places are below `folder`."""
        for file in self.files.keys() - {*FILES, *MAY_LACK, self.plan}:
            what = "this file is not read"
            self.findings.append(Finding(file, 1, 1, what, nearest(file, (*FILES, *MAY_LACK)), doubt=True))
        line = self._source("line.yaml", LineFile)
        plc = self._source("plc.yaml", PlcFile)
        geometry = self._geometry(line, self._source("cameras.yaml", CamerasFile), plc)
        towns = self._source("network.yaml", NetworkFile)
        network = self._network(towns)
        couriers = self._couriers()
        sites = self._sites(network, couriers)
        waves = self._waves()
        keeping = self._keeping()
        plan_source = self._source(self.plan, PlanFile)
        plan = None
        if plan_source and line and towns and network and couriers:
            chutes = {chute.key: chute.id for chute in line.model.chutes}
            words = Vocabulary(chutes, couriers, network, tuple(wave.name for wave in waves))
            plan = self._plan(plan_source, line, towns, words)
        folders = {self.plan: self.beside or folder}
        told = [(f.doubt, f.problem(folders.get(f.file, folder))) for f in sorted(self.findings)]
        problems = tuple(problem for doubt, problem in told if not doubt)
        warnings = tuple(problem for doubt, problem in told if doubt)
        hub = None
        if not problems:
            assert geometry and network and couriers and plan, "no problem was found, so all of it was built"
            kept = {file: self.files[file] for file in (*FILES, *MAY_LACK) if file in self.files}
            kept[PLAN] = self.files[self.plan]
            hub = Hub(name, *geometry, network, couriers, plan, kept, sites, waves, keeping)
        return Reading(hub, problems, warnings, tuple(self.dimensions))

    def _source(self, file: str, model: type[M]) -> Source[M] | None:
        """The file in its model's form; None with the findings noted."""
        if file not in self.files:
            if all(finding.file != file for finding in self.findings):
                self.findings.append(Finding(file, 1, 1, "the file is missing", "add it or restore it"))
            return None
        try:
            doc, findings = read_yaml(file, self.files[file])
        except UnreadableError as error:
            self.findings.append(error.finding)
            return None
        source, misfits = fit(doc, model)
        told = {(finding.line, finding.column) for finding in findings}
        self.findings += findings + [misfit for misfit in misfits if (misfit.line, misfit.column) not in told]
        return source

    def _geometry(
        self, line: Source[LineFile] | None, cameras: Source[CamerasFile] | None, plc: Source[PlcFile] | None
    ) -> tuple[Layout, Link] | None:
        if line:
            self.findings += line_findings(line)
        if cameras:
            self.findings += camera_findings(cameras)
        if not (line and cameras and plc):
            return None
        layout, link = layout_of(line.model, cameras.model, plc.model), link_of(plc.model)
        for doc, rows in (
            (line.doc, line_dimensions(layout, line.model)),
            (cameras.doc, camera_dimensions(layout, cameras.model)),
            (plc.doc, link_dimensions(layout, link)),
        ):
            self.dimensions += rows
            self.findings += dimension_findings(doc, rows)
        return layout, link

    def _network(self, source: Source[NetworkFile] | None) -> Network | None:
        clashes = list(network_findings(source)) if source else []
        self.findings += clashes
        return network_of(source.model) if source and not clashes else None

    def _couriers(self) -> Couriers | None:
        source = self._source("couriers.yaml", CouriersFile)
        self.findings += (*courier_findings(source), *overlap_findings(source)) if source else ()
        return couriers_of(source.model) if source else None

    def _sites(self, network: Network | None, couriers: Couriers | None) -> Sites:
        """The couriers' site codes; none without the file."""
        source = self._source("sites.yaml", SitesFile) if "sites.yaml" in self.files else None
        if not (source and network and couriers):
            return NO_SITES
        findings = list(site_findings(source, couriers, network))
        self.findings += findings
        return NO_SITES if findings else sites_of(source.model)

    def _waves(self) -> tuple[Wave, ...]:
        """The waves of a day; none without the file."""
        source = self._source("waves.yaml", WavesFile) if "waves.yaml" in self.files else None
        self.findings += wave_findings(source) if source else ()
        return waves_of(source.model) if source else ()

    def _keeping(self) -> Keeping:
        """How long records are kept; the defaults without the file."""
        source = self._source("store.yaml", StoreFile) if "store.yaml" in self.files else None
        self.findings += keeping_findings(source) if source else ()
        return keeping_of(source.model) if source else Keeping()

    def _plan(
        self, source: Source[PlanFile], line: Source[LineFile], towns: Source[NetworkFile], words: Vocabulary
    ) -> Plan:
        plan, unknown = plan_of(source, words)
        self.findings += unknown
        if not unknown:
            # With a name missing, every further finding could be about that name only.
            self.findings += plan_findings(source, line, towns.doc, plan, words)
            # The spare chutes of the daily plan are what other plans are made with.
            self.findings += idle_findings(source.model, line) if self.plan == PLAN else ()
        return plan
