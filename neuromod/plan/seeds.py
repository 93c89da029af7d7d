"""Independent streams of random numbers, each named after what it is used for.

A stream depends on the seed and its own name only, so that adding a population or a projection
leaves all others as they are.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """Generator for the purpose `name`, such as `E->I/pairs`; same seed and name, same numbers."""
    words = np.frombuffer(blake2b(name.encode(), digest_size=16).digest(), dtype="<u4")
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([seed, *(int(word) for word in words)]))
    )


def population_hash(name: str) -> int:
    """Number of a population in [0, 2**31), by its name alone; keys the random draws of its cells."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little") & 0x7FFFFFFF
