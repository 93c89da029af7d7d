"""Rules that together use every construct of the language."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.physics.plasticity.bench import Use
from tests.physics.plasticity.texts import rule_text

XY = {"x": {"of": "pre", "tau": "tau_x"}, "y": {"of": "post", "tau": "tau_y"}}
PAIRS = {"at_pre": "-B*y", "at_post": "A*x"}


def _c(converted: str, **change: object) -> dict:
    return {"c": {"tau": "tau_c", "converted": converted} | PAIRS | change}


def _use(name: str, **fields: object) -> Use:
    modulator = "moda" if re.search(r"\bm\b", str(fields)) else None
    pacemaker = "theta" if "_phi" in str(fields) else None
    return Use(name, rule_text(**fields), {}, modulator, pacemaker)


def _narrow(delay: str) -> Use:
    """A rule that pushes weights beyond both bounds, between events and at them."""
    use = _use(
        f"zoo_narrow_{delay}",
        traces=XY,
        delay=delay,
        eligibility=_c("eta*(m - 1.2)"),
        at_pre=["w -= B*y", "w += 0.1*B"],
        at_post=["w += 0.2*A*x"],
    )
    return replace(use, parameters={"low": "0.9 nS", "high": "1.1 nS", "A": "0.5 nS", "B": "0.5 nS"})


ONE = {
    "level": _use("zoo_level", traces=XY, eligibility=_c("eta*(m - 1)")),
    "hill": _use("zoo_hill", traces=XY, eligibility=_c("eta*(positive(rho_QA) - 0.3*positive(-rho_QB))")),
    "several": _use(
        "zoo_several", traces=XY, eligibility=_c("eta*(rho_QA - kappa*rho_QC + 0.1*rho_QB*rho_QC)")
    ),
    "two_taus": _use(
        "zoo_two_taus",
        traces=XY,
        tick="200 ms",
        eligibility=_c("eta*rho_QB")
        | {"d": {"tau": "tau_d", "at_post": "-A*x", "converted": "eta*rho_QB"}}
        | {"f": {"tau": "tau_d", "at_pre": "B*y*y", "converted": "eta*(0.2 + positive(rho_QC))"}},
    ),
    "nearest": _use(
        "zoo_nearest",
        traces={name: trace | {"pairing": "nearest"} for name, trace in XY.items()},
        eligibility=_c("eta*m"),
    ),
    "initial": _use(
        "zoo_initial",
        extra={"start": ("1", "0.6")},
        traces={"x": XY["x"], "y": XY["y"] | {"initial": "start*start"}},
        eligibility=_c("eta*m"),
    ),
    "soft": _use(
        "zoo_soft",
        traces=XY,
        eligibility=_c("eta*(m - 0.5)", at_pre="-kappa*y*(w - low)*0.1", at_post="0.1*x*(high - w)"),
    ),
    "direct": _use(
        "zoo_direct",
        traces=XY,
        at_pre=["w -= B*y", "w *= 1 - 0.01*kappa"],
        at_post=["w += A*x", "w = w + 0.05*(0.7*nS - w)*y"],
    ),
    "both": _use(
        "zoo_both",
        traces=XY,
        eligibility=_c("eta*rho_QB", at_post="A*x*w/high"),
        at_pre=["w -= B*y*kappa"],
        at_post=["w += A*x*positive(rho_QA)", "w -= B*positive(-rho_QA)"],
    ),
    "state": _use(
        "zoo_state",
        state={"z": {"unit": "1", "initial": 0.25}},
        traces=XY,
        eligibility=_c("eta*(m - 1)", at_post="A*x*z"),
        at_pre=["z += 0.1*(1 - z)", "w += B*z"],
        at_post=["z *= 0.9", "w -= B*z*z"],
    ),
    "ticks": _use(
        "zoo_ticks",
        extra={"tau_h": ("s", "3 s"), "home": ("nS", "1 nS")},
        state={"z": {"unit": "1"}},
        traces=XY,
        eligibility=_c("eta*m"),
        at_post=["z += 0.2*x"],
        tick="50 ms",
        at_tick=["w += (home - w)*(1 - exp(-tick/tau_h))", "z *= exp(-tick/tau_h)", "w += B*z"],
    ),
    "cell": _use(
        "zoo_cell",
        extra={"tau_p": ("s", "0.4 s"), "goal": ("1", "3")},
        cell={"p": {"unit": "1", "initial": 1.5}, "r": {"unit": "1", "initial": 0.1}},
        traces=XY,
        eligibility=_c("eta*m", at_pre="-B*y*r"),
        at_post=["p += 1"],
        tick="40 ms",
        at_tick=["w *= 1 + 0.02*(1 - p/goal)", "r -= 0.01*w/high"],
        cell_tick=["p *= exp(-tick/tau_p)", "r = 0.5*r + 0.05*p"],
    ),
    "phase": _use(
        "zoo_phase",
        traces=XY,
        eligibility=_c("eta*(m - kappa*sin_phi)", at_post="A*x*(1 + kappa*cos_phi)"),
        at_pre=["w -= B*y*(1 - kappa*cos_phi)"],
    ),
    "sent": _use(
        "zoo_sent",
        state={"z": {"unit": "1", "initial": 0.5}},
        traces=XY,
        eligibility=_c("eta*m"),
        at_post=["z += 0.01*x"],
        transmitted="w*(1 + z)",
    ),
    "dendritic": _use("zoo_dendritic", traces=XY, delay="dendritic", eligibility=_c("eta*(m - 1)")),
    "dendritic_direct": _use(
        "zoo_dendritic_direct",
        traces=XY,
        delay="dendritic",
        eligibility=_c("eta*rho_QA"),
        at_pre=["w -= B*y"],
        at_post=["w += A*x"],
    ),
    "bounds": _narrow("axonal"),
    "dendritic_bounds": _narrow("dendritic"),
    "branches": _use(
        "zoo_branches",
        traces=XY,
        at_pre=["w += B*int(y > 0.1 and w < 1*nS)"],
        at_post=["w -= clip(A*x, 0*nS, 0.5*B)", "w += B*sign(x - 0.3)*abs(y - 0.2)"],
    ),
}
"""By tag: one rule on a pathway."""

SEVERAL = {
    "hebb_and_home": (replace(ONE["level"], tick="50 ms"), ONE["ticks"]),
    "narrowest": (ONE["level"], ONE["bounds"], replace(ONE["direct"], parameters={"high": "1.05 nS"})),
    "own_bounds": (ONE["level"], replace(ONE["soft"], parameters={"high": "2.2 nS", "low": "-0.1 nS"})),
    "sent_second": (ONE["level"], ONE["sent"]),
    "three": (ONE["hill"], ONE["direct"], ONE["state"]),
}
"""By tag: several rules on one pathway."""

ALL = {tag: (use,) for tag, use in ONE.items()} | SEVERAL
FEW = {tag: ALL[tag] for tag in ("several", "two_taus", "both", "cell", "dendritic")}
"""One rule each, together most constructs, for tests that make many runs."""
