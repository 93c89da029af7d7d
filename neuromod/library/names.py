"""Which words a model may use as names of its variables and parameters.

A name ends up in a Brian2 equation, in generated C++ and in a result file, so it must mean nothing else in
any of them. The tables are kept here, not read from Brian2, because this layer works without it; a test
compares them with Brian2's own.
"""

from __future__ import annotations

import errno
import keyword
import re
import signal
from collections.abc import Callable

MAX_LENGTH = 40

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)
_DIGIT_E_DIGIT = re.compile(r"[0-9]e[0-9]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PREFIXES = ("", "da", *"yzafpnumcdhkMGTPEZY")
_BASE_UNITS = _words(
    """
    metre meter kilogram kilogramme gram gramme second amp ampere kelvin mole mol candle molar radian
    steradian hertz newton pascal joule watt coulomb volt farad ohm siemens weber tesla henry lumen lux
    becquerel gray sievert katal liter litre celsius
    """
)
_SHORT_UNITS = _words(
    """
    mV mA uA nA pA pF uF nF nS uS mS ms us Hz kHz MHz cm cm2 cm3 mm mm2 mm3 um um2 um3 mM uM nM
    """
)
_LONG_UNIT = re.compile(rf"(?:{'|'.join(_PREFIXES)})(?:{'|'.join(sorted(_BASE_UNITS))})[23]?\Z")

BRIAN_FUNCTIONS = _words(
    """
    abs arccos arcsin arctan ceil clip cos cosh exp expm1 exprel floor int log log10 log1p poisson rand
    randn sign sin sinh sqrt tan tanh timestep
    """
)
BRIAN_CONSTANTS = frozenset({"e", "inf", "pi"})
_INTERNAL = _words(
    """
    t dt i j N xi t_in_timesteps lastspike not_refractory lastupdate delay key N_incoming N_outgoing
    """
)
_OWN_FUNCTIONS = frozenset({"normal", "positive", "uniform"})

_CPP_KEYWORDS = _words(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t
    char32_t class compl concept const consteval constexpr constinit const_cast continue co_await
    co_return co_yield decltype default delete do double dynamic_cast else enum explicit export extern
    false float for friend goto if import inline int long module mutable namespace new noexcept not
    not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires
    restrict return short signed sizeof static static_assert static_cast struct switch template this
    thread_local throw true try typedef typeid typename union unsigned using virtual void volatile
    wchar_t while xor xor_eq final override
    """
)
_CPP_NAMES = _words(
    """
    int_ fabs fmod fmin fmax pow asin acos atan isnan isinf isfinite min max int8_t int16_t int32_t
    int64_t uint8_t uint16_t uint32_t uint64_t size_t ptrdiff_t NULL EOF NAN INFINITY HUGE_VAL MAXFLOAT
    BUFSIZ NSIG NZERO SNAN errno stdin stdout stderr linux unix assert offsetof alloca main std tid bid
    threadIdx blockIdx blockDim gridDim warpSize nan NaN
    """
)
_C_MACROS = frozenset(errno.errorcode.values()) | frozenset(number.name for number in signal.Signals)
_C_MACRO = re.compile(
    r"(?:[A-Z0-9_]+_(?:MAX|MIN|WIDTH|BIT|ENDIAN|FILENO)"
    r"|M_(?:1_PI|2_PI|2_SQRTPI|E|LN10|LN2|LOG10E|LOG2E|PI|PI_2|PI_4|SQRT1_2|SQRT2)(?:[fl][0-9]*x?)?)\Z"
)
_RESERVED_PREFIXES = ("brian", "nm_", "std_", "main_", "xi_")


def is_brian_unit(name: str) -> bool:
    """Whether Brian2 reads `name` as a unit: prefixes, squares and cubes included (`mV`, `damp`, `um2`)."""
    return name in _SHORT_UNITS or _LONG_UNIT.match(name) is not None


def _is_function(name: str) -> bool:
    return name in BRIAN_FUNCTIONS or name in _OWN_FUNCTIONS


def _is_cpp(name: str) -> bool:
    return (
        name in _CPP_KEYWORDS or name in _CPP_NAMES or name in _C_MACROS or _C_MACRO.match(name) is not None
    )


_REFUSED: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda name: "__" in name, "holds two underscores in a row, which C++ keeps for itself"),
    (
        lambda name: name.endswith(("_pre", "_post")),
        "ends in _pre or _post, which marks the two sides of a synapse",
    ),
    (keyword.iskeyword, "is a word of Python"),
    (is_brian_unit, "is a unit"),
    (_is_function, "is a function"),
    (BRIAN_CONSTANTS.__contains__, "is a mathematical constant"),
    (_INTERNAL.__contains__, "is a variable of the simulator"),
    (_is_cpp, "has a meaning in C++"),
    (lambda name: name.startswith(_RESERVED_PREFIXES), "begins with a word the simulator keeps for itself"),
    (_DIGIT_E_DIGIT.search, "holds a digit, an e and a digit, which single precision reads as a number"),
)


def shown(text: object, limit: int = 60) -> str:
    """`text` for an error message: quoted, in ASCII, cut after `limit` characters."""
    if not isinstance(text, str):
        return type(text).__name__
    cut = text if len(text) <= limit else text[:limit] + "..."
    return ascii(cut)


def check_name(name: str) -> None:
    """Check the name of a variable or parameter.

    Raises:
        ValueError: one sentence with the name and the reason why it cannot be used.
    """
    if not 1 <= len(name) <= MAX_LENGTH or not _NAME.match(name):
        raise ValueError(
            f"got {shown(name)}, need a name of a letter followed by letters, digits or underscores, "
            f"at most {MAX_LENGTH} characters"
        )
    for refuses, reason in _REFUSED:
        if refuses(name):
            raise ValueError(f"the name {name!r} cannot be used because it {reason}")
