"""From a config and the model library to a network of numbers; every problem is found on the way."""

from __future__ import annotations

from neuromod.config.load import LoadedExperiment
from neuromod.config.network import Network
from neuromod.config.schema import Experiment
from neuromod.errors import ConfigError, Problem
from neuromod.library.registry import Library
from neuromod.plan.advances import plan_advances
from neuromod.plan.compartments import plan_compartments
from neuromod.plan.effects import plan_effects
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import Layer, Layers
from neuromod.plan.network import CompartmentPlan, NetworkPlan, PopulationPlan, ProjectionPlan
from neuromod.plan.pacemakers import plan_pacemakers
from neuromod.plan.populations import plan_population
from neuromod.plan.projections import check_ends, ends_of, plan_projection, receptor_of
from neuromod.plan.receptors import with_receptors
from neuromod.plan.records import check_guards, check_record
from neuromod.plan.spikes import plan_spikes
from neuromod.plan.tasks import plan_task
from neuromod.plan.timeline import plan_timeline
from neuromod.plan.triggers import plan_triggers


def expand(loaded: LoadedExperiment, library: Library) -> NetworkPlan:
    """Merge regions, circuit and experiment, and turn the result into numbers.

    Raises:
        ConfigError: everything that is wrong with the config and the models it uses, each with its place.
    """
    expansion = Expansion(loaded.experiment, collect_layers(loaded, library), library, loaded.path.parent)
    check_guards(expansion)
    if not expansion.network.populations:
        expansion.refuse(
            (), "got no populations, needed is at least one (or a circuit or region that has some)"
        )
    compartments = plan_compartments(expansion)
    planned = {name: plan_population(expansion, name) for name in expansion.network.populations}
    bare = {name: plan for name, plan in planned.items() if plan is not None}
    populations, projections = _joined(expansion, bare, compartments)
    spikes = [plan_spikes(expansion, population) for population in populations.values()]
    effects = plan_effects(expansion, populations, projections, compartments)
    timeline = plan_timeline(expansion, populations, compartments)
    triggers = plan_triggers(expansion, populations, compartments)
    advances = plan_advances(expansion, compartments)
    task = plan_task(expansion, populations, compartments, projections, timeline)
    check_record(expansion, populations, projections, compartments)
    pacemakers = plan_pacemakers(expansion, populations)
    expansion.finish()
    return NetworkPlan(
        experiment=_merged(loaded.experiment, expansion.network),
        populations=populations,
        projections=projections,
        pacemakers=pacemakers,
        compartments=compartments,
        effects=effects,
        triggers=triggers,
        timeline=timeline,
        spike_lists=tuple(entry for entry in spikes if entry is not None),
        advances=advances,
        task=task,
        notices=tuple(dict.fromkeys([*library.notices, *expansion.notices])),
    )


def collect_layers(loaded: LoadedExperiment, library: Library) -> Layers:
    """The regions, the circuit and the experiment, lowest first.

    Raises:
        ConfigError: a region or circuit does not exist or is wrong.
    """
    experiment, tree = loaded.experiment, loaded.tree
    own = Layer(tree, experiment)
    regions, source, above = experiment.regions, tree, [own]
    if experiment.circuit is not None:
        place = tree.place_of(("circuit",))
        circuit = library.circuit(experiment.circuit, place, "circuit")
        regions, source = circuit.regions, library.node("circuits", experiment.circuit, place, "circuit")
        above = [Layer(source, circuit), own]
    problems: list[Problem] = []
    below: list[Layer] = []
    for k, name in enumerate(regions):
        try:
            region = library.region(name, source.place_of(("regions", k)), f"regions.{k}")
            below.append(Layer(library.node("regions", name), in_region(region, name)))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return Layers([*below, *above])


def in_region(network: Network, region: str) -> Network:
    """The network with its populations placed in `region`, where they do not name one themselves."""
    placed = {
        name: spec if spec.region is not None else spec.model_copy(update={"region": region})
        for name, spec in network.populations.items()
    }
    return network.model_copy(update={"populations": placed})


def _joined(
    expansion: Expansion, bare: dict[str, PopulationPlan], compartments: dict[str, CompartmentPlan]
) -> tuple[dict[str, PopulationPlan], dict[str, ProjectionPlan]]:
    """Populations with the receptors they need, and the projections between them."""
    names = [name for name in expansion.network.projections if check_ends(expansion, name)]
    receptors = {name: receptor_of(expansion, name) for name in names}
    used: dict[str, list[str]] = {name: [] for name in bare}
    for name in names:
        target, receptor = ends_of(name)[1], expansion.network.projections[name].receptor
        if receptors[name] is not None and receptor is not None and target in used:
            used[target].append(receptor)
    populations = {name: with_receptors(expansion, plan, used[name]) for name, plan in bare.items()}
    projections = {}
    for name, template in receptors.items():
        if template is None or not set(ends_of(name)) <= populations.keys():
            continue
        plan = plan_projection(expansion, name, populations, template, compartments)
        if plan is not None:
            projections[name] = plan
    return populations, projections


def _merged(experiment: Experiment, network: Network) -> Experiment:
    """The experiment with everything that regions and circuit give written into it."""
    return experiment.model_copy(update={name: getattr(network, name) for name in Network.model_fields})
