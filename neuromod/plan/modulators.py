"""The group `modulators`: one row per region, one set of columns per neuromodulator and receptor.

In each step `mid` is the level half-way through the step, the drives `rho` are those of `mid`, and then the
level moves by the whole step. Whatever follows a level or a drive in this step sees a constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from neuromod.library.check_plasticity import drives_of
from neuromod.plan.network import CompartmentPlan, NetworkPlan
from neuromod.plan.occupancy import plain_power, signed_drive
from neuromod.plan.structure import GroupStructure, Variable

REGIONS = "modulators"
LEVEL = ("level", "mid", "tonic", "decay", "half")
UPTAKE = ("source", "vmax", "km")
RISE = ("pool", "kept", "flow", "half_flow")
DRIVE = ("rho", "K", "free", "tonic_occupancy", "rise", "fall")
MESSENGER = ("messenger", "slow", "half_slow")


def regions(network: NetworkPlan) -> list[str]:
    """Regions with any compartment, in the order of the rows."""
    return list(dict.fromkeys(plan.region for plan in network.compartments.values()))


def region_row(network: NetworkPlan, region: str) -> int:
    """Row of a region in the group."""
    return regions(network).index(region)


def modulators(network: NetworkPlan) -> list[str]:
    """Neuromodulators with any compartment, in the order of the columns."""
    return list(dict.fromkeys(plan.modulator for plan in network.compartments.values()))


def used_receptors(network: NetworkPlan) -> list[str]:
    """Receptors whose drive a rule, effect, release or the recording follows, in order of the columns."""
    rules = [rule for projection in network.projections.values() for rule in projection.rules]
    wanted = {name for rule in rules for name in drives_of(rule.template)}
    wanted |= {effect.receptor for effect in network.effects}
    wanted |= {name for modulator in modulators(network) for name in autoreceptors(network, modulator)}
    record = network.experiment.record.modulators
    if record is not None and not isinstance(record.drives, str):
        wanted |= set(record.drives)
    known = [name for plan in network.compartments.values() for name in plan.receptors]
    return [name for name in dict.fromkeys(known) if name in wanted]


def owner(network: NetworkPlan, receptor: str) -> str:
    """The neuromodulator that binds to a receptor."""
    return next(plan.modulator for plan in network.compartments.values() if receptor in plan.receptors)


def parts_of(network: NetworkPlan, modulator: str) -> list[CompartmentPlan]:
    """Compartments of a neuromodulator, those whose level is held as well: that is data, not structure."""
    return [plan for plan in network.compartments.values() if plan.modulator == modulator]


def autoreceptors(network: NetworkPlan, modulator: str) -> list[str]:
    """Receptors that limit the release of a neuromodulator in any region."""
    plans = [plan.release for plan in parts_of(network, modulator) if plan.release is not None]
    return list(dict.fromkeys(plan.autoreceptor for plan in plans if plan.autoreceptor))


def hill_power(network: NetworkPlan, receptor: str) -> float | None:
    """The Hill coefficient of a receptor where it needs no logarithm in any region."""
    found = (plan.receptors.get(receptor) for plan in network.compartments.values())
    return plain_power(entry.n for entry in found if entry is not None)


def drive_of(network: NetworkPlan, receptor: str, name: str) -> list[str]:
    """Statements that end in `name`: the drive of a receptor without its messenger."""
    return signed_drive(receptor, owner(network, receptor), name, hill_power(network, receptor))


def has_messenger(network: NetworkPlan, receptor: str) -> bool:
    """Does a second messenger low-pass the drive in any region."""
    found = (plan.receptors.get(receptor) for plan in network.compartments.values())
    return any(entry is not None and entry.messenger > 0 for entry in found)


def released(network: NetworkPlan, modulator: str) -> str:
    """Variable with what one spike of a nucleus releases."""
    return f"{'release' if autoreceptors(network, modulator) else 'quantum'}_{modulator}"


def arrives_in(plan: CompartmentPlan) -> str:
    """Variable that released substance is added to, without the modulator's name."""
    return "pool" if plan.rise else "level"


def modulator_group(network: NetworkPlan) -> GroupStructure:
    """Levels under clearance; pulses are added by the timeline, release by pathways."""
    names, update = modulators(network), []
    for name in names:
        update += _mid(network, name)
    for name in used_receptors(network):
        update += _drive(network, name)
    for name in names:
        update += _whole_step(network, name)
    variables = tuple(Variable(name) for name in columns(network))
    return GroupStructure(REGIONS, len(regions(network)), variables, update=tuple(update), order=-2)


def columns(network: NetworkPlan) -> list[str]:
    """Variables of the group: those of neuromodulators, then those of receptors."""
    found = []
    for name in modulators(network):
        parts = [*LEVEL]
        parts += UPTAKE if _any(network, name, "uptake") else ()
        parts += RISE if _any(network, name, "rise") else ()
        parts += ["quantum"] if _any(network, name, "release") else []
        parts += ["release"] if autoreceptors(network, name) else []
        found += [f"{part}_{name}" for part in parts]
        found += [f"strength_{receptor}" for receptor in autoreceptors(network, name)]
    for name in used_receptors(network):
        parts = [*DRIVE, *(MESSENGER if has_messenger(network, name) else ())]
        parts += ["hill"] if hill_power(network, name) is None else []
        found += [f"{part}_{name}" for part in parts]
    return found


def _any(network: NetworkPlan, modulator: str, key: str) -> bool:
    return any(getattr(plan, key) for plan in parts_of(network, modulator))


def _moved(network: NetworkPlan, name: str, half: bool) -> str:
    """The level after a step, or after half of one.

    Exponential clearance and the pool that empties into the level are exact; uptake takes its rate at the
    beginning of half a step, and in the middle of a whole one, which makes it of second order.
    """
    decay, flow, part = ("half", "half_flow", 0.5) if half else ("decay", "flow", 1.0)
    text = f"tonic_{name} + (now_{name} - tonic_{name})*{decay}_{name}"
    if _any(network, name, "rise"):
        text += f" + pool_{name}*{flow}_{name}"
    if _any(network, name, "uptake"):
        span = repr(part * network.experiment.dt)
        at = f"{'now' if half else 'mid'}_{name}"
        text += f" + {span}*(source_{name} - vmax_{name}*{at}/(km_{name} + {at}))"
    return f"positive({text})" if _any(network, name, "rise") else text


def _mid(network: NetworkPlan, name: str) -> list[str]:
    return [f"now_{name} = positive(level_{name})", f"mid_{name} = {_moved(network, name, True)}"]


def _whole_step(network: NetworkPlan, name: str) -> list[str]:
    lines = [f"level_{name} = {_moved(network, name, False)}"]
    if _any(network, name, "rise"):
        lines.append(f"pool_{name} = pool_{name}*kept_{name}")
    receptors = autoreceptors(network, name)
    if receptors:
        less = _sum(f"strength_{receptor}*rho_{receptor}" for receptor in receptors)
        lines.append(f"release_{name} = quantum_{name}*positive(1.0 - ({less}))")
    return lines


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms)


def _drive(network: NetworkPlan, receptor: str) -> list[str]:
    """The signed drive, followed by a second messenger with its value in the middle of the step."""
    if not has_messenger(network, receptor):
        return drive_of(network, receptor, f"rho_{receptor}")
    drive, state = f"drive_{receptor}", f"messenger_{receptor}"
    return [
        *drive_of(network, receptor, drive),
        f"rho_{receptor} = {drive} + ({state} - {drive})*half_slow_{receptor}",
        f"{state} = {drive} + ({state} - {drive})*slow_{receptor}",
    ]


def rows_by(network: NetworkPlan, modulator: str) -> Mapping[str, CompartmentPlan | None]:
    """Compartment of a neuromodulator in each region, in the order of the rows."""
    return {region: network.compartments.get(f"{modulator}.{region}") for region in regions(network)}
