"""The report of a run: everything that its results file says, gathered under a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from neuromod.analysis.behaviour_figure import behaviour_figure
from neuromod.analysis.circuit_figure import circuit_figures
from neuromod.analysis.event_figure import event_figure
from neuromod.analysis.figures import overview
from neuromod.analysis.learning import learning
from neuromod.analysis.modulator_figure import modulator_figure
from neuromod.analysis.rhythm_figures import figures as rhythm_figures
from neuromod.analysis.rhythms import LEAST_S, Rhythms, Settings, rhythms
from neuromod.analysis.tables import printed, summaries
from neuromod.analysis.target_figure import rates_figure
from neuromod.errors import ConfigError
from neuromod.report import captions, health
from neuromod.report.activity import Activity, activities, rate_table
from neuromod.report.behaviour import behaviour_table
from neuromod.report.compartments import COMPARTMENT_HEADS, compartment_rows
from neuromod.report.content import Report, Section, Table
from neuromod.report.images import Images
from neuromod.report.origin import facts, origin_section, projection_table
from neuromod.report.planned import Planned, planned
from neuromod.report.weights import WeightChange, weight_changes, weight_table
from neuromod.store.provenance import Provenance
from neuromod.store.reader import Results

SETTLED_S = 1.0
"""The beginning of a run, which is not looked at where the rest is long enough."""
MAX_FIELDS, MAX_EVENTS = 8, 6
"""Fields and kinds of events with a figure of their own, the first."""
UNKNOWN = Provenance("", "", "", "", {}, 0)


@dataclass(frozen=True)
class Built:
    """A report, the rhythms that are in it (None: none could be computed), and its figures by name."""

    report: Report
    rhythms: Rhythms | None
    figures: dict[str, Figure]


def build(
    results: Results,
    start_s: float | None = None,
    stop_s: float | None = None,
    settings: Settings | None = None,
) -> Built:
    """The report of a run, finished or not; rates and rhythms of the part from `start_s` to `stop_s`, by
    default from 1 s on, or of all of a shorter run.

    Raises:
        ConfigError: the part that was asked for is not within the run.
    """
    return _Builder(results, start_s, stop_s, settings or Settings()).build()


class _Builder:
    """Holds what several sections need."""

    def __init__(
        self, results: Results, start_s: float | None, stop_s: float | None, settings: Settings
    ) -> None:
        self.results, self.images = results, Images()
        self.about = results.provenance() if results.has_provenance else UNKNOWN
        self.plan: Planned = planned(self.about)
        self.regions = {name: info.region for name, info in self.about.populations.items()}
        self.start, self.stop = self._part(start_s, stop_s)
        self.found, self.reason = self._rhythms(settings)
        self.activities: list[Activity] = activities(results, self.plan, 1e3 * self.start, 1e3 * self.stop)
        self.weights: list[WeightChange] = weight_changes(results)

    def _part(self, start_s: float | None, stop_s: float | None) -> tuple[float, float]:
        whole = self.results.duration_ms / 1e3
        stop = whole if stop_s is None else stop_s
        settled = SETTLED_S if stop - SETTLED_S >= LEAST_S else 0.0
        start = settled if start_s is None else start_s
        if not 0 <= start < stop <= whole:
            allowed = f"the recording lasts from 0 to {whole:g} s"
            raise ConfigError(f"window: got {start:g} to {stop:g} s; {allowed}")
        return start, stop

    def _rhythms(self, settings: Settings) -> tuple[Rhythms | None, str]:
        """The rhythms, or why there are none."""
        chosen = replace(settings, start_s=self.start, stop_s=self.stop)
        try:
            return rhythms(self.results, chosen, self.regions), ""
        except ConfigError as error:
            return None, str(error)

    def build(self) -> Built:
        checks = health.checks(self.results, self.plan, self.activities, self.weights)
        sections = [
            Section("health", "Health", tables=[health.table(checks)]),
            *self._behaviour(),
            *self._circuit(),
            *self._activity(),
            *self._rhythm(),
            *self._events(),
            *self._modulators(),
            *self._plasticity(),
            origin_section(self.about),
        ]
        report = Report(
            self.plan.name or self.results.path.stem,
            self.plan.description,
            health.verdict(checks),
            health.summary(checks),
            facts(self.results, self.about, self.start, self.stop),
            sections,
        )
        return Built(report, self.found, self.images.figures)

    def _behaviour(self) -> Iterator[Section]:
        if not self.results.has_trials:
            return
        trials = self.results.trials()
        figure = behaviour_figure(trials)
        if figure is None:
            yield Section("behaviour", "Behaviour", ["No trial of the task has ended."])
            return
        image = self.images.add("behaviour", figure, captions.BEHAVIOUR)
        yield Section("behaviour", "Behaviour", (), [image], [behaviour_table(trials)])

    def _circuit(self) -> Iterator[Section]:
        drawn = circuit_figures(self.plan.circuit)
        if drawn:
            images = [self.images.add(name, figure, captions.CIRCUIT[name]) for name, figure in drawn.items()]
            yield Section("circuit", "Circuit", (), images, [projection_table(self.about, self.plan)])

    def _activity(self) -> Iterator[Section]:
        if not self.activities:
            return
        images = []
        if self.results.populations:
            drawn = overview(self.results, None, (None, None), self.regions)
            images.append(self.images.add("overview", drawn, captions.OVERVIEW))
        rates = rates_figure([one.rate for one in self.activities], [one.spread for one in self.activities])
        images.append(self.images.add("rates", rates, captions.rates(self.start, self.stop)))
        table = rate_table(self.activities, self.plan, self.about.populations)
        yield Section("activity", "Activity and target rates", (), images, [table])

    def _rhythm(self) -> Iterator[Section]:
        found = self.found
        if found is None:
            yield Section("rhythms", "Rhythms", [f"No rhythms were computed: {self.reason}."])
            return
        drawn = rhythm_figures(self.results, found)
        shown = [name for name in drawn if name != "coherence"][:MAX_FIELDS]
        images = [self.images.add(name, drawn[name], captions.RHYTHMS) for name in shown]
        if "coherence" in drawn:
            images.append(self.images.add("coherence", drawn["coherence"], captions.COHERENCE))
        remarks = [
            f"{one.population}: no modulation index, {one.refused}." for one in found.fields if one.refused
        ]
        if not found.fields:
            remarks.append("No field was recorded; `record: lfp` in the config adds one.")
        tables = []
        for table in summaries(found):
            heads, *rows = printed(table)
            tables.append(Table(heads, rows, captions.of_table(table)))
        yield Section("rhythms", "Rhythms", remarks[: 2 * MAX_FIELDS], images, tables)

    def _events(self) -> Iterator[Section]:
        images = []
        for name, onsets in list(self.plan.events.items())[:MAX_EVENTS]:
            figure = event_figure(self.results, name, onsets)
            if figure is not None:
                images.append(self.images.add(f"event {name}", figure, captions.EVENT))
        if images:
            left = len(self.plan.events) - MAX_EVENTS
            more = [f"{left} more kinds of events are not shown."] if left > 0 else []
            yield Section("events", "Around events", more, images)

    def _modulators(self) -> Iterator[Section]:
        figure = modulator_figure(self.results)
        images = [self.images.add("modulators", figure, captions.MODULATORS)] if figure else []
        rows = compartment_rows(self.results, self.plan)
        if rows or images:
            tables = [Table(COMPARTMENT_HEADS, rows)] if rows else []
            yield Section("modulators", "Neuromodulators", (), images, tables)

    def _plasticity(self) -> Iterator[Section]:
        figure = learning(self.results)
        images = [self.images.add("learning", figure, captions.LEARNING)] if figure else []
        learns = any(link.rules for link in self.plan.circuit.links)
        if self.weights:
            yield Section("weights", "Weights that learn", (), images, [weight_table(self.weights)])
        elif learns:
            remark = "There are plastic projections, of which no weights were recorded (`record: weights`)."
            yield Section("weights", "Weights that learn", [remark])
