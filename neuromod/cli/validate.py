"""`neuromod validate CONFIG`: is the experiment, with all models it uses, correct."""

from __future__ import annotations

from neuromod.cli.options import Config, Debug, Json, Quiet, Settings, Verbose
from neuromod.cli.output import Output, counted
from neuromod.cli.planning import plan_of, sizes


def validate(
    config: Config,
    settings: Settings = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Check an experiment and every model it uses, without running it."""
    output = Output(as_json, verbose, quiet, debug)
    plan = plan_of(config, settings or ())
    size = sizes(plan)
    for notice in plan.notices:
        output.remark(f"note: {notice}")
    text = ", ".join(
        [
            counted(size["populations"], "population"),
            counted(size["neurons"], "neuron"),
            counted(size["projections"], "projection"),
            counted(size["synapses"], "synapse"),
            f"{size['duration_s']:g} s",
        ]
    )
    output.result(
        {"ok": True, "config": str(config), "notices": list(plan.notices), **size}, f"OK: {config}: {text}"
    )
