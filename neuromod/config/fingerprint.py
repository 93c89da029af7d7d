"""What makes two experiments the same: their composed tree, whatever files it was written in.

What a run may be resumed with is left out: these keys change neither what was simulated nor how it is kept.
"""

from __future__ import annotations

import hashlib
import json

from neuromod.config.read import Node, Plain

RESUMABLE = ("backend", "checkpoint", "description", "duration", "guards")


def fingerprint(node: Node) -> str:
    """SHA-256 of `canonical(node)`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(node).encode()).hexdigest()


def canonical(node: Node) -> str:
    """JSON text of a composed tree: the order of keys does not matter, and 1.0 is the same as 1.

    Values are compared as they are written: `10 ms` and `0.01 s` differ.
    """
    plain = node.plain()
    if isinstance(plain, dict):
        plain = {key: value for key, value in plain.items() if key not in RESUMABLE}
    return json.dumps(_canonical(plain), sort_keys=True, separators=(",", ":"))


def differences(one: Node, two: Node) -> list[str]:
    """Dotted keys of the top two levels at which two trees differ, but for those of `RESUMABLE`."""
    a, b = (_mapping(node.plain()) for node in (one, two))
    names = (a.keys() | b.keys()) - set(RESUMABLE)
    return sorted(key for name in names for key in _differing(name, a.get(name), b.get(name)))


def _differing(name: str, one: Plain, two: Plain) -> list[str]:
    if _canonical(one) == _canonical(two):
        return []
    one, two = one or {}, two or {}
    if not isinstance(one, dict) or not isinstance(two, dict):
        return [name]
    inside = one.keys() | two.keys()
    return [f"{name}.{key}" for key in inside if _canonical(one.get(key)) != _canonical(two.get(key))]


def _mapping(plain: Plain) -> dict[str, Plain]:
    return plain if isinstance(plain, dict) else {}


def _canonical(plain: Plain) -> Plain:
    if isinstance(plain, dict):
        return {key: _canonical(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_canonical(value) for value in plain]
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain
