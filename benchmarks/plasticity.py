"""CPU time of three-factor plasticity against peers: python benchmarks/plasticity.py [--annarchy PYTHON]

The network is configs/plasticity.yaml: leaky cells at 6 Hz, 80 plastic and 20 static synapses per cell, a
pulse of dopamine every second, dt 0.1 ms, one thread; with 1,000 cells and, at the same in-degree, with
4,000 and 10,000. All peers get the same cells, connections, initial values and pulses (peers/planned.py)
and take turns; each is a process of its own that reports the CPU seconds of its simulation. Ours include
planning, recording and writing, less those of a run of 0.1 s. A peer that is not installed is left out, and
said so. Spikes of such networks are chaotic, so rates and the spread of the last weights are compared;
tests/versus compares weights for given spikes. Writes results/plasticity.md.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent / "peers"))

from arms import ARMS, CLAIMS, LARGE, NETWORKS, Arm, Claim
from measure import facts, options, table, work_directory, write
from taking_turns import Measured, Peers, measure

SAME = 0.05
"""Largest share by which the mean rate or weight of a peer may differ from ours."""


def installed(annarchy: Path | None) -> dict[str, str | None]:
    """Python of each kind of peer; None where it is missing."""
    nest = sys.executable if importlib.util.find_spec("nest") else None
    other = None if annarchy is None else str(annarchy)
    return {"ours": sys.executable, "brian2": sys.executable, "nest": nest, "annarchy": other}


def ratio(results: dict[str, Measured], over: str, under: str) -> list[float]:
    """Of the CPU seconds per simulated second in every repetition, sorted."""
    return sorted(a / b for a, b in zip(results[over].cpu, results[under].cpu, strict=True))


def claim_row(claim: Claim, network: str, results: dict[str, Measured]) -> tuple[bool, list[str]] | None:
    """Whether a ratio is as required, and its row; None where an arm was not measured."""
    if claim.over not in results or claim.under not in results:
        return None
    found = ratio(results, claim.over, claim.under)
    middle = median(found)
    met = claim.met(middle)
    text = "-" if claim.limit is None else f"{'at least' if claim.at_least else 'at most'} {claim.limit:g}"
    word = "reported" if claim.limit is None else "met" if met else "**missed**"
    return met, [claim.text, network, f"{middle:.2f} ({found[0]:.2f} to {found[-1]:.2f})", text, word]


def arm_row(name: str, network: str, result: Measured, ours: Measured | None) -> list[str]:
    """CPU time and agreement of an arm on a network."""
    cpu = sorted(result.cpu)
    row = [name, network, f"{median(cpu):.4f} ({cpu[0]:.4f} to {cpu[-1]:.4f})"]
    row.append(", ".join(f"{rate:.2f}" for rate in result.rates.values()))
    row.append("-" if result.weights is None else result.spread())
    row.append("-" if ours is None or result is ours else result.likeness(ours))
    return [*row, f"{result.memory / 2**20:.0f}"]


def agreement(results: dict[str, Measured], arms: dict[str, Arm]) -> list[str]:
    """Sentences on peers of the same network that differ by more than SAME."""
    ours, found = results.get("neuromod"), []
    for name, result in results.items():
        if ours is None or not arms[name].same or result is ours:
            continue
        for what, (a, b) in result.compared(ours).items():
            if abs(a / b - 1) > SAME:
                found.append(f"- **{name}: {what} {a:.3g}, ours {b:.3g}**")
    return found


def memory_row(results: dict[str, Measured], synapses: int) -> tuple[bool, list[str]] | None:
    """Bytes of our program per plastic synapse of the large network."""
    if "neuromod" not in results:
        return None
    used = results["neuromod"].memory / synapses
    met = used <= LARGE.bytes_limit
    word = "met" if met else "**missed**"
    row = ["bytes of our program per plastic synapse, all else included", LARGE.name, f"{used:.0f}"]
    return met, [*row, f"at most {LARGE.bytes_limit}", word]


def report(found: dict[str, dict[str, Measured]], missing: list[str]) -> bool:
    """Write the results; whether everything is as required."""
    claims = [
        row
        for network, results in found.items()
        for claim in CLAIMS
        if network in claim.networks and (row := claim_row(claim, network, results))
    ]
    if LARGE.name in found and (row := memory_row(found[LARGE.name], LARGE.synapses)):
        claims.append(row)
    head = ["CPU time", "cells", "ratio, median (range)", "required", "verdict"]
    text = ["# Three-factor plasticity", *facts()]
    if importlib.util.find_spec("nest"):
        text.append(f"- NEST {version('nest-simulator')}")
    text += [f"- left out: {', '.join(missing)}"] if missing else []
    text += ["", *table(head, [row for _, row in claims])]
    text += ["", "CPU seconds per simulated second, median (range):", ""]
    arms = [
        arm_row(name, network, result, results.get("neuromod"))
        for network, results in found.items()
        for name, result in results.items()
    ]
    columns = ["arm", "cells", "CPU s/s", "E, I (Hz)", "last weights: mean, sd (pA), at a bound"]
    text += table([*columns, "with ours: r of rates, of weights", "MB"], arms)
    differing = [line for results in found.values() for line in agreement(results, ARMS)]
    text += [
        "",
        f"Peers whose rates or mean or sd of weights differ by more than {100 * SAME:.0f} % from ours:",
    ]
    text += ["", *(differing or ["- none"])]
    write("plasticity.md", text)
    return all(met for met, _ in claims) and not differing


def main() -> int:
    """1 if a ratio is not as required, or two peers do not simulate the same."""
    parser = options(__doc__)
    parser.add_argument("--annarchy", type=Path, help="a Python that has ANNarchy")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=[*NETWORKS])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=[*ARMS])
    given = parser.parse_args()
    sys.argv = ["PYTHON" if word == str(given.annarchy) else word for word in sys.argv]
    pythons = installed(given.annarchy)
    missing = sorted({arm.kind for arm in ARMS.values() if pythons[arm.kind] is None})
    with work_directory(given.work) as work:
        os.environ["NEUROMOD_CACHE"] = str(work / "cache")
        found = {}
        for network in given.networks:
            chosen = {k: ARMS[k] for k in given.arms if network in ARMS[k].networks and pythons[ARMS[k].kind]}
            found[network] = measure(Peers(work, NETWORKS[network], pythons), chosen, given.repetitions)
    return 0 if report(found, missing) else 1


if __name__ == "__main__":
    sys.exit(main())
