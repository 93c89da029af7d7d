"""Units: `10 ms` <-> a number in SI, by a closed grammar and without importing Brian2.

    quantity = NUMBER [" "] [unit]                       10 ms    -65 mV    20 nS/mV    10 %    0.5
    unit     = factor {("*" | "/") factor}               read from the left: mS/cm^2/ms = (mS/cm^2)/ms
    factor   = NAME [("^" | "**") INTEGER]               NAME is in `UNITS`, INTEGER is -8 to 8 but not 0
    unit     may be 1 or begin with it                   1    1/s

Numbers and scales are multiplied exactly and rounded once, so that `0.3 nS` is the very float 3e-10.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

Dimension = tuple[int, ...]
"""Exponents of metre, kilogram, second, ampere, kelvin, mole and candela."""

DIMENSIONLESS: Dimension = (0, 0, 0, 0, 0, 0, 0)
MAX_LENGTH = 100
MAX_POWER = 8
MAX_FACTORS = 8


@dataclass(frozen=True)
class Unit:
    """A unit; `scale` is its size in SI units."""

    name: str
    scale: float
    dimension: Dimension


@dataclass(frozen=True)
class Quantity:
    """A number in SI units, with its dimension."""

    value: float
    dimension: Dimension


_Exact = tuple[Fraction, Dimension]

_PREFIXES = {"": 0, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "k": 3, "M": 6, "G": 9}
_METRE, _KILOGRAM, _SECOND, _AMP, _KELVIN, _MOLE, _CANDELA = (
    tuple(int(place == base) for place in range(7)) for base in range(7)
)
_HERTZ = (0, 0, -1, 0, 0, 0, 0)
_VOLT = (2, 1, -3, -1, 0, 0, 0)
_SIEMENS = (-2, -1, 3, 2, 0, 0, 0)
_FARAD = (-2, -1, 4, 2, 0, 0, 0)
_OHM = (2, 1, -3, -2, 0, 0, 0)
_COULOMB = (0, 0, 1, 1, 0, 0, 0)
_MOLAR = (-3, 0, 0, 0, 0, 1, 0)

# symbol, size in SI, dimension, prefixes that it takes
_FAMILIES: tuple[tuple[str, Fraction, Dimension, str], ...] = (
    ("s", Fraction(1), _SECOND, "mun"),
    ("V", Fraction(1), _VOLT, "mun"),
    ("A", Fraction(1), _AMP, "munpf"),
    ("S", Fraction(1), _SIEMENS, "munp"),
    ("F", Fraction(1), _FARAD, "munpf"),
    ("ohm", Fraction(1), _OHM, "kMG"),
    ("Hz", Fraction(1), _HERTZ, "kM"),
    ("m", Fraction(1), _METRE, "cmun"),
    ("M", Fraction(1000), _MOLAR, "munp"),
    ("mol", Fraction(1), _MOLE, "munp"),
    ("coulomb", Fraction(1), _COULOMB, ""),
    ("kelvin", Fraction(1), _KELVIN, ""),
    ("kg", Fraction(1), _KILOGRAM, ""),
    ("candela", Fraction(1), _CANDELA, ""),
    ("%", Fraction(1, 100), DIMENSIONLESS, ""),
    ("min", Fraction(60), _SECOND, ""),
    ("h", Fraction(3600), _SECOND, ""),
    ("hour", Fraction(3600), _SECOND, ""),
    ("day", Fraction(86400), _SECOND, ""),
    ("second", Fraction(1), _SECOND, ""),
    ("volt", Fraction(1), _VOLT, ""),
    ("amp", Fraction(1), _AMP, ""),
    ("siemens", Fraction(1), _SIEMENS, ""),
    ("farad", Fraction(1), _FARAD, ""),
    ("metre", Fraction(1), _METRE, ""),
)
_EXACT: dict[str, _Exact] = {
    prefix + symbol: (size * Fraction(10) ** _PREFIXES[prefix], dimension)
    for symbol, size, dimension, prefixes in _FAMILIES
    for prefix in ("", *prefixes)
}
UNITS: dict[str, Unit] = {
    name: Unit(name, float(size), dimension) for name, (size, dimension) in _EXACT.items()
}
"""Every unit that has a name of its own, with its prefixed forms."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_FACTOR = re.compile(r"(?P<name>[^*/^]+)(?:(?:\^|\*\*)(?P<power>[^*/^]*))?")
_POWER = re.compile(r"[+-]?[0-9]{1,2}")
_SHORT_PREFIX = {"micro": "u", "mega": "M", "giga": "G"}
_LONG_NAMES = (
    "second=s sec=s minute=min hour=h hertz=Hz metre=m meter=m volt=V ampere=A amp=A siemen=S farad=F "
    "ohm=ohm molar=M mole=mol"
)
_SHORT_NAME = dict(pair.split("=") for pair in _LONG_NAMES.split())
_SPELT_OUT = re.compile(
    rf"(milli|micro|nano|pico|femto|centi|kilo|mega|giga|[munpfckMG])?({'|'.join(_SHORT_NAME)})s?"
)
_LETTERS = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u2126": "ohm", "\u03a9": "ohm"})

# what a quantity of this unit is called, and an example
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("s", "a time", "10 ms"),
    ("Hz", "a rate", "5 Hz"),
    ("V", "a voltage", "-65 mV"),
    ("A", "a current", "100 pA"),
    ("S", "a conductance", "10 nS"),
    ("F", "a capacitance", "200 pF"),
    ("ohm", "a resistance", "100 Mohm"),
    ("coulomb", "a charge", "5 pA*ms"),
    ("m", "a length", "100 um"),
    ("m^2", "an area", "100 um^2"),
    ("m^3", "a volume", "100 um^3"),
    ("M", "a concentration", "20 nM"),
    ("mol", "an amount of substance", "1 nmol"),
    ("kelvin", "a temperature", "310 kelvin"),
    ("kg", "a mass", "1 kg"),
    ("V/s", "a voltage per time", "1 mV/ms"),
    ("A/s", "a current per time", "1 pA/ms"),
    ("S/s", "a conductance per time", "1 nS/ms"),
    ("M/s", "a concentration per time", "1 uM/s"),
    ("1/s^2", "a rate per time", "1 Hz/s"),
    ("Hz/A", "a rate per current", "1 Hz/pA"),
    ("Hz/V", "a rate per voltage", "1 Hz/mV"),
    ("S/V", "a conductance per voltage", "20 nS/mV"),
    ("1/V", "a number per voltage", "0.062 1/mV"),
    ("1/A", "a number per current", "1 1/pA"),
    ("1/M", "a number per concentration", "0.28 1/mM"),
    ("V^2", "a squared voltage", "4 mV^2"),
    ("A^2", "a squared current", "4 pA^2"),
    ("m/s", "a speed", "0.5 m/s"),
    ("S/m^2", "a conductance per area", "3 mS/cm^2"),
    ("F/m^2", "a capacitance per area", "1 uF/cm^2"),
    ("A/m^2", "a current per area", "1 uA/cm^2"),
    ("ohm*m", "a resistivity", "150 ohm*cm"),
)
_BRIAN_BASE = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candle")
_BRIAN_NAMES: dict[Dimension, str] = {
    DIMENSIONLESS: "1",
    _HERTZ: "hertz",
    _VOLT: "volt",
    _SIEMENS: "siemens",
    _FARAD: "farad",
    _OHM: "ohm",
    _COULOMB: "coulomb",
}


def parse_unit(text: str) -> Unit:
    """`nS/mV`, `mS/cm^2`, `1/s` -> `Unit`; `ValueError` says what is wrong and which unit is nearest."""
    size, dimension = _exact(_bounded(text))
    try:
        scale = float(size)
    except OverflowError:
        scale = math.inf
    if not 0 < scale < math.inf:
        raise ValueError(f"got the unit `{text}`, which is too large or too small to be a number in SI units")
    return Unit(text, scale, dimension)


def parse_quantity(text: str) -> Quantity:
    """`10 ms`, `-65 mV`, `10 %`, `0.5` -> `Quantity` in SI units; `ValueError` has one plain sentence."""
    number = _NUMBER.match(_bounded(text))
    if number is None:
        raise ValueError(f"got `{text}`, allowed is a number with its unit, for example 10 ms")
    unit = text[number.end() :].removeprefix(" ")
    if not unit:
        return Quantity(_rounded(number[0], Fraction(1), text), DIMENSIONLESS)
    if unit == "1" or unit[0].isspace() or text != text.rstrip():
        raise ValueError(f"got `{text}`, allowed is a number, one blank and a unit, for example 10 ms")
    try:
        size, dimension = _exact(unit)
    except ValueError as error:
        raise ValueError(f"got `{text}`: {error}") from None
    return Quantity(_rounded(number[0], size, text), dimension)


def in_unit(value: float, unit_name: str) -> float:
    """`value` (SI) as a number of `unit_name`: 0.01 in `ms` is 10.0."""
    return value / parse_unit(unit_name).scale


def format_quantity(value: float, unit_name: str) -> str:
    """`value` (SI) with 12 digits and its unit: 0.01 in `ms` is `10 ms`; no unit is written for `1`."""
    number = f"{in_unit(value, unit_name):.12g}"
    return number if unit_name == "1" else f"{number} {unit_name}"


def dimension_noun(dimension: Dimension) -> str:
    """What a quantity of this dimension is, in words: `a voltage`, `a number without unit`."""
    if dimension == DIMENSIONLESS:
        return "a number without unit"
    named = _named().get(dimension)
    return named[0] if named else f"a quantity in {_si_unit(dimension)}"


def dimension_name(dimension: Dimension) -> str:
    """`dimension_noun` with an example, for messages: `a time (for example 10 ms)`."""
    named = _named().get(dimension)
    return f"{named[0]} (for example {named[1]})" if named else dimension_noun(dimension)


def brian_unit(dimension: Dimension) -> str:
    """The SI unit of this dimension as Brian2 equations write it: `volt`, `metre**-3*mole`, `1`."""
    if dimension in _BRIAN_NAMES:
        return _BRIAN_NAMES[dimension]
    return _product(dimension, _BRIAN_BASE, "**")


def _bounded(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"got {len(text)} characters where a unit is due, allowed are at most {MAX_LENGTH}")
    if not text.isprintable():
        raise ValueError(f"got {text!a}, allowed is a number with its unit, for example 10 ms")
    return text


@lru_cache(maxsize=1024)
def _exact(text: str) -> _Exact:
    """Size in SI and dimension of a unit."""
    size, dimension = Fraction(1), DIMENSIONLESS
    for count, (operator, name, power) in enumerate(_parts(text)):
        if count == MAX_FACTORS:
            raise ValueError(f"the unit `{text}` has too many parts; allowed are at most {MAX_FACTORS}")
        part, exponents = _factor(name, power, first=count == 0)
        sign = -1 if operator == "/" else 1
        size *= part**sign
        dimension = tuple(whole + sign * extra for whole, extra in zip(dimension, exponents, strict=True))
    return size, dimension


def _parts(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Operator before it, name and power of each factor, from the left."""
    operator, position = "*", 0
    while operator:
        factor = _FACTOR.match(text, position)
        if operator == "^" or factor is None:
            raise ValueError(f"`{text}` is not a unit; allowed are names joined by * or /, for example nS/mV")
        yield operator, factor["name"], factor["power"]
        operator, position = text[factor.end() : factor.end() + 1], factor.end() + 1


def _factor(name: str, power: str | None, *, first: bool) -> _Exact:
    if name == "1" and first and power is None:
        return Fraction(1), DIMENSIONLESS
    if name not in _EXACT:
        raise ValueError(f"`{name}` is not a unit; {_suggestion(name)}")
    size, dimension = _EXACT[name]
    if power is None:
        return size, dimension
    if not _POWER.fullmatch(power) or not 0 < abs(int(power)) <= MAX_POWER:
        raise ValueError(f"`{power}` is not a power of {name}; allowed are whole numbers from -8 to 8, not 0")
    return size ** int(power), tuple(int(power) * exponent for exponent in dimension)


def _suggestion(name: str) -> str:
    """`did you mean ...`: a spelt-out name, a forgotten ^, the other case, or the most similar name."""
    plain = name.strip().translate(_LETTERS)
    base = plain.rstrip("0123456789")
    near = [unit for unit in dict.fromkeys((plain, _short(plain))) if unit in _EXACT]
    if not near and base in _EXACT:
        near = [f"{base}^{plain[len(base) :]}"]
    near = near or [unit for unit in _EXACT if unit.lower() == plain.lower()]
    near = near or difflib.get_close_matches(plain, _EXACT, n=1)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "allowed are units such as s, ms, Hz, V, mV, nA, nS, pF, Mohm, um, mM, %"


def _short(name: str) -> str:
    """`millivolts`, `mvolt`, `msec` -> `mV`, `mV`, `ms`; empty when it is no such name."""
    spelt = _SPELT_OUT.fullmatch(name) or _SPELT_OUT.fullmatch(name.lower())
    if spelt is None:
        return ""
    prefix = spelt[1] or ""
    return _SHORT_PREFIX.get(prefix, prefix[:1]) + _SHORT_NAME[spelt[2]]


def _rounded(number: str, size: Fraction, text: str) -> float:
    """`number` times `size`; the float is looked at first, so that a huge exponent is never expanded."""
    rough = float(number)
    if rough == 0 and not re.search("[1-9]", re.split("[eE]", number)[0]):
        return rough
    if math.isfinite(rough) and rough != 0:
        try:
            value = float(Fraction(number) * size)
        except OverflowError:
            value = math.inf
        if math.isfinite(value) and value != 0:
            return value
    raise ValueError(f"got `{text}`, which is too large or too small for a 64-bit number in SI units")


@lru_cache(maxsize=1)
def _named() -> dict[Dimension, tuple[str, str]]:
    return {parse_unit(unit).dimension: (noun, example) for unit, noun, example in _WORDS}


def _si_unit(dimension: Dimension) -> str:
    return _product(dimension, ("m", "kg", "s", "A", "kelvin", "mol", "candela"), "^")


def _product(dimension: Dimension, names: tuple[str, ...], power: str) -> str:
    """`m^2*kg`: the names of the bases that occur, with their exponents."""
    factors = ((name, exponent) for name, exponent in zip(names, dimension, strict=True) if exponent)
    return "*".join(name if exponent == 1 else f"{name}{power}{exponent}" for name, exponent in factors)
