"""What benchmarks/plasticity.py measures: networks, arms and the required ratios. A new arm is one entry."""

from __future__ import annotations

from dataclasses import dataclass

EVERY = ("1000", "4000", "10000")
FIRST = EVERY[:1]


@dataclass(frozen=True)
class PeerNetwork:
    """A config with settings, simulated for `seconds`."""

    config: str
    settings: tuple[str, ...] = ()
    seconds: float = 10.0


@dataclass(frozen=True)
class Large:
    """The network of the claim on memory."""

    name: str = "large"
    synapses: int = 8_000_000
    bytes_limit: int = 64


LARGE = Large()
NETWORKS = {
    EVERY[0]: PeerNetwork("plasticity", seconds=40.0),  # in 10 s, starting Python counts as much as synapses
    EVERY[1]: PeerNetwork("plasticity", ("scale=4",)),
    EVERY[2]: PeerNetwork("plasticity", ("scale=10",)),
    LARGE.name: PeerNetwork("plasticity_large"),
}


@dataclass(frozen=True)
class Arm:
    """A peer: which `kind` of Python runs `script`, with which arguments, on which networks.

    `config`: for ours, another config than the network's. `same`: rates and weights must be those of ours.
    `seconds`: a shorter time where a peer is slow. `repeated`: take a turn in every repetition, or only in
    the first.
    """

    kind: str
    script: str
    arguments: tuple[str, ...] = ()
    networks: tuple[str, ...] = FIRST
    config: str | None = None
    same: bool = False
    seconds: float | None = None
    repeated: bool = True


WITHOUT = ("--set", "projections.E->E.plasticity=null", "--set", "projections.E->I.plasticity=null")


def _ours(*arguments: str, networks: tuple[str, ...] = FIRST, config: str | None = None) -> Arm:
    return Arm("ours", "ours", arguments, networks, config)


def _nest(interval: int, *arguments: str, networks: tuple[str, ...] = FIRST, same: bool = True) -> Arm:
    return Arm("nest", "nest_dopamine", ("--interval", str(interval), *arguments), networks, same=same)


ARMS = {
    "neuromod": _ours(networks=(*EVERY, LARGE.name)),
    "neuromod, no plasticity": _ours(*WITHOUT, networks=(*EVERY, LARGE.name)),
    "neuromod, single precision": _ours("--set", "precision=single", networks=EVERY),
    "Brian2, shared dopamine": Arm("brian2", "brian2_clock", ("--form", "shared"), EVERY, same=True),
    "Brian2, its Izhikevich_2007": Arm("brian2", "brian2_clock", ("--form", "example"), EVERY, same=True),
    # of deliver_interval 10, 100, 1,000 and 10,000 the cheapest
    "NEST, best tuned": _nest(10_000, networks=EVERY),
    "NEST, default": _nest(1),
    "NEST, 500 dopamine spikes/s": _nest(1_000, "--pool", "500", same=False),
    "ANNarchy": Arm("annarchy", "annarchy_clock", same=True),
    "neuromod, two traces": _ours(config="plasticity_two_traces"),
    "neuromod, tick of 0.1 s": _ours(
        "--set", "projections.E->E.plasticity.tick=0.1 s", "--set", "projections.E->I.plasticity.tick=0.1 s"
    ),
    "neuromod, pool releases": _ours(config="plasticity_pool"),
    "neuromod, pool releases nothing": _ours(config="plasticity_silent_pool"),
    "neuromod, four modulators": _ours(config="plasticity_four"),
    "Brian2, shared dopamine, 0.2 s": Arm(
        "brian2", "brian2_clock", ("--form", "shared"), (LARGE.name,), seconds=0.2, repeated=False
    ),
}


@dataclass(frozen=True)
class Claim:
    """CPU time of `over` / that of `under`: at least, or at most, `limit`; None: only reported."""

    text: str
    over: str
    under: str
    limit: float | None = None
    at_least: bool = True
    networks: tuple[str, ...] = EVERY

    def met(self, ratio: float) -> bool:
        """Is a ratio as required."""
        return self.limit is None or (ratio >= self.limit if self.at_least else ratio <= self.limit)


CLAIMS = (
    Claim("Brian2, clock-driven, shared dopamine / ours", "Brian2, shared dopamine", "neuromod", 9),
    Claim("Brian2 as in its Izhikevich_2007 / ours", "Brian2, its Izhikevich_2007", "neuromod", 11),
    Claim("NEST, best tuned / ours", "NEST, best tuned", "neuromod", 5),
    Claim("NEST, default / ours", "NEST, default", "neuromod"),
    Claim("NEST, 500 dopamine spikes/s / ours", "NEST, 500 dopamine spikes/s", "neuromod", 40),
    Claim("ANNarchy / ours", "ANNarchy", "neuromod", 50),
    Claim("ours / ours without plasticity", "neuromod", "neuromod, no plasticity", 1.3, at_least=False),
    Claim(
        "ours in single precision / ours without plasticity",
        "neuromod, single precision",
        "neuromod, no plasticity",
    ),
    Claim("two traces / one", "neuromod, two traces", "neuromod"),
    Claim("tick of 0.1 s / of 1 s", "neuromod, tick of 0.1 s", "neuromod"),
    Claim(
        "a pool of 100 dopamine cells / pulses and the same cells",
        "neuromod, pool releases",
        "neuromod, pool releases nothing",
        1.05,
        at_least=False,
    ),
    Claim("a pool of 100 dopamine cells / pulses without them", "neuromod, pool releases", "neuromod"),
    Claim("four modulators / dopamine", "neuromod, four modulators", "neuromod", 1.10, at_least=False),
    Claim(
        "Brian2, clock-driven, shared dopamine / ours",
        "Brian2, shared dopamine, 0.2 s",
        "neuromod",
        50,
        networks=(LARGE.name,),
    ),
)
