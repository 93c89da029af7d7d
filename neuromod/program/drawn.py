"""Random draws of a loop over neurons, taken out of it: words and tables of Poisson counts of a block.

`native/nm_drawn.hpp` says why this is faster. No draw changes a bit.
"""

from __future__ import annotations

import re

from neuromod.plan.structure import GroupStructure

TABLE_BYTES = 2**18
"""Largest table of a group: a larger one would take longer to read than the counts to compute."""
_IDENTITY = r"seed, population, cell, t_in_timesteps, (\d+)\)"
_DRAW = re.compile(rf"\b{_IDENTITY}")
_COUNT = re.compile(rf"\bnm_poisson(\d+)\((.+?), nm_exp\(- \(\2\)\), {_IDENTITY}")
_BLOCK = """    for (int nm_begin = nm_first; nm_begin < nm_last; nm_begin += NM_DRAWN)
    {{
    const int nm_end = min(nm_begin + NM_DRAWN, nm_last);
{fills}
"""
_FILL = """    static NmDrawn nm_drawn_{purpose};
    nm_drawn_{purpose}.fill(seed, _ptr_array_{group}_population + nm_begin,
        _ptr_array_{group}_cell + nm_begin, nm_end - nm_begin, t_in_timesteps, {purpose});"""
_TABLE = """    static NmPoissonTable<{terms}> nm_table_{purpose}({size});
    nm_table_{purpose}.follow(nm_begin, nm_end, [&](int _idx) {{ return {mean}; }});"""


def drawn_before(inside: str, group: GroupStructure) -> tuple[str, str]:
    """The head of a loop over blocks, empty without draws, and the inside of the loop over neurons."""
    purposes = sorted(set(map(int, _DRAW.findall(inside))))
    if not purposes:
        return "", inside
    fills = [_FILL.format(purpose=purpose, group=group.name) for purpose in purposes]

    def counted(found: re.Match[str]) -> str:
        terms, purpose = int(found[1]), found[3]
        mean = _mean(found[2], inside, group.name)
        if mean is None or 8 * terms * group.size > TABLE_BYTES:
            return found[0]
        fills.append(_TABLE.format(terms=terms, purpose=purpose, size=group.size, mean=mean))
        return f"nm_table_{purpose}.count(_idx, nm_drawn_{purpose}[_idx - nm_begin])"

    inside = _COUNT.sub(counted, inside)
    inside = _DRAW.sub(r"nm_drawn_\1[_idx - nm_begin])", inside)
    return _BLOCK.format(fills="\n".join(fills)), inside


def _mean(text: str, inside: str, group: str) -> str | None:
    """The mean of a count from arrays that the step does not change; None where it depends on others."""
    names = set(re.findall(r"\b[A-Za-z_]\w*", text))
    reads = {name: f"_ptr_array_{group}_{name}[_idx]" for name in names}
    if not all(f"const double {name} = {read};" in inside for name, read in reads.items()):
        return None
    return re.sub(r"\b[A-Za-z_]\w*", lambda found: reads[found[0]], text)
