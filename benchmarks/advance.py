"""CPU time of an advance: 8 hours for 80,000 synapses: python benchmarks/advance.py

The weights are anywhere between their bounds, so most synapses are tagged and every cell makes protein;
nothing is skipped where nothing happens, so that other states take as long. Writes results/advance.md.
"""

from __future__ import annotations

import numpy as np
from measure import CONFIGS, facts, own_cpu, table, write

from neuromod.config.load import load
from neuromod.plan.changing import changing_arrays
from neuromod.plan.fused import program_arrays
from neuromod.simulation.execute import plan_experiment
from neuromod.simulation.silence.advance import advanced

RULES = {
    "tag_capture": [],
    "tag_capture_modulated, levels of 3 neuromodulators": [
        "projections.SOURCE->CELL.plasticity.rule=tag_capture_modulated",
        *(f"modulators.{name}={{hippocampus: {{}}}}" for name in ("dopamine", "noradrenaline", "cortisol")),
    ],
}


def seconds(settings: list[str]) -> float:
    """CPU seconds of the advance."""
    fused = plan_experiment(load(CONFIGS / "advance.yaml", settings))
    data = program_arrays(fused)
    state = {
        f"state.{name}": data.arrays.get(name, np.zeros(80_000)) for name in changing_arrays(fused.structure)
    }
    began = own_cpu()
    advanced(fused, data, fused.network.advances[0], state)
    return own_cpu() - began


def main() -> None:
    """Measure every rule."""
    rows = [[name, f"{seconds(settings):.1f}"] for name, settings in RULES.items()]
    text = "8 h at a slow factor of 60 are 4800 ticks of 0.1 s; 80,000 synapses onto 200 cells, one core."
    lines = ["# Hours that pass at once", *facts(), "", text, "", *table(["rule", "CPU s"], rows)]
    write("advance.md", lines)


main()
