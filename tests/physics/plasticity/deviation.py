"""How far the engine is from the reference."""

from __future__ import annotations

import numpy as np

from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench

EXACT = 1e-9
"""Of the largest weight, in double precision."""
SINGLE = 1e-4
"""The same where synapses are kept in single precision."""


def deviation(bench: Bench, results: Results, tag: str) -> float:
    """Largest difference of weights in units of the largest weight; the weights must have moved."""
    expected, found = bench.expected_weights(tag), bench.weights(results, tag)
    assert found.shape == expected.shape
    assert np.ptp(expected, axis=0).max() > 1e-4 * expected.max()
    return float(np.abs(found - expected).max() / np.abs(expected).max())
