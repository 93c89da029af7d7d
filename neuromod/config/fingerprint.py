"""What makes two experiments the same: their composed tree, whatever files it was written in.

`duration` and `record` are left out: a run may be resumed with others.
"""

from __future__ import annotations

import hashlib
import json

from neuromod.config.read import Node, Plain

LEFT_OUT = ("duration", "record")


def fingerprint(node: Node) -> str:
    """SHA-256 of `canonical(node)`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(node).encode()).hexdigest()


def canonical(node: Node) -> str:
    """JSON text of a composed tree: the order of keys does not matter, and 1.0 is the same as 1.

    Values are compared as they are written: `10 ms` and `0.01 s` differ.
    """
    plain = node.plain()
    if isinstance(plain, dict):
        plain = {key: value for key, value in plain.items() if key not in LEFT_OUT}
    return json.dumps(_canonical(plain), sort_keys=True, separators=(",", ":"))


def _canonical(plain: Plain) -> Plain:
    if isinstance(plain, dict):
        return {key: _canonical(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_canonical(value) for value in plain]
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain
