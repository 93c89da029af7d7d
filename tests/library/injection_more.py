"""More text that tries to get out of the grammar: other languages, other libraries, other alphabets.

`MORE` is refused at every door of `injection_payloads`; `WORDS` are names as well, and refused in expressions.
"""

# ruff: noqa: E501 - a table
MORE: dict[str, list[str]] = {
    "attribute walks": [
        "V.__class__.__mro__[1].__subclasses__()", "().__class__.__base__.__subclasses__()[40]('x')",
        "(1).__class__.__bases__[0]", "exp.__globals__['__builtins__']", "exp.__code__.co_code",
        "exp.__self__.__dict__", "V.__init__.__globals__", "V.__reduce__()", "V.__getattribute__('x')",
        "V.f_back.f_globals", "V.gi_frame.f_builtins", "V.func_globals", "type(V).__dict__", "vars(V)",
        "dir(V)", "locals()", "V.__format__('x')", "V.real.imag", "V.__doc__[0]", "(V).mro()",
        "super().__init__()", "object.__subclasses__()", "V.__dict__['x']", "setattr(V, I, w)", "delattr(V, I)",
        "hasattr(V, I)", "callable(V)", "memoryview(V)", "bytes(V)", "id(V)", "hash(V)", "iter(V)", "next(V)",
    ],
    "strings that are formatted": [
        "f'{V!r}'", "f'{V:{I}}'", "f'{(lambda: 1)()}'", "'{0.__class__}'.format(V)", "'%s' % V", "V % 'x'",
        "f'''{V}'''", "rb'x'", "f'{V=}'", "'' f'{V}'", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{V}",
        "%(V)s", "${V}", "{0}", "{0.__class__.__init__}", "{% import os %}",
    ],
    "functions without a name": [
        "(lambda: (yield))()", "(lambda *a: a)(V)", "(lambda V=open('x'): V)()", "lambda: lambda: V",
        "(lambda f: f(f))(lambda f: f(f))", "exp(lambda: V)", "V if (lambda: 1)() else I", "[*V]", "{**V}",
        "[[V for V in I] for I in w]", "(V async for V in I)", "{V: V for V in I if V}", "sum(V for V in I)",
        "any([V])", "max(V, key=I)", "map(exp, V)", "filter(exp, V)", "sorted(V)[::-1]", "(yield from V)",
    ],
    "powers": [
        "2**2**2**2**2**2", "10**100", "(10**8)**8", "V**8**8", "1e12**8*1e12**2", "(V**8)**8", "((V**2)*1)**8",
        "V**9", "V**-9", "V**8.5", "V**0.25", "V**1e9", "V**-1e9", "V**(8)**(8)", "99999999**99999999",
        "V**+-+8", "V**--2", "V**(V)", "0**0**-1", "(-1)**0.5", "pow(V, 9)", "exp(9)**exp(9)", "1<<99999",
        "(1e12*1e12)**8*(1e12*1e12)**8", "abs(9**9)**9", "9**9**9*0", "-9**9**9", "V*9**9**9", "int(9**9**9)",
    ],
    "depth": [
        "(" * 100 + "V" + ")" * 100, "((((" * 500, "exp(" * 60 + "V" + ")" * 60, "-(" * 60 + "V" + ")" * 60,
        "V+(" * 200 + "V" + ")" * 200, "not(" * 100 + "V" + ")" * 100, "V**-" * 100 + "1",
        "clip(" * 45 + "V" + ",0,1)" * 45 + "+" + "(" * 40 + "V" + ")" * 40, "[[" * 400, "V if " * 200,
        "(" * 100_000, "-" * 100_000 + "V", "V<" * 10_000 + "V", "exp(V)*" * 10_000 + "V",
    ],
    "length": [
        "*".join(["V"] * 10_000), "-".join(["V"] * 5_000), "/".join(["V"] * 700), "+".join(["exp(V)"] * 300),
        "V and " * 5_000 + "V", "1" * 100_000, "1." + "1" * 100_000, "V" + " " * 100_000, "a" * 65_537,
        "+".join(f"V{k}" for k in range(3_000)), ",".join(["V"] * 1_500), "V" + "()" * 800,
    ],
    "other alphabets": [
        "\u0435\u0445\u0440(V)", "\u0501V", "\u2170", "\uff56", "\uff25\uff38\uff30(V)", "V\u0301", "V\u200d",
        "V\u2060+ I", "V\u00ad", "V\ufe0f", "\U0001d5b5", "\u1d5b", "V\u207b\u00b9", "V\u22c5I", "V\u00f7I",
        "\u221aV", "V\u2264I", "V\u2260I", "\u03c0", "\u221e", "\u0660 + V", "V\uff0bI", "V\uff08I\uff09",
        "\u2018V\u2019", "V\u2003+ I", "\u3000V", "V\u2029I", "\u061cV", "\u2066V\u2069", "V\ue000", "V\U000e0041",
        "\uff3f\uff3fimport\uff3f\uff3f('os')", "\u1e9e", "\u0130", "\ufb01",
    ],
    "C++ and the shell": [
        "V; } extern \"C\" int system(const char*); {", "V));system(\"x\");((", "std::exit(0)", "::abort()",
        "R\"(x)\"", "U'x'", "L\"x\"", "V /*", "*/ V", "V //", "V \\", "V??/", "<:V:>", "<%V%>", "%:include <x>",
        "#include </etc/passwd>", "__asm__(\"nop\")", "__attribute__((constructor))", "goto x", "new V",
        "throw V", "V, system(0)", "(V, I)", "V = system(0)", "*(int*)0", "&V", "V->*I", "V.*I", "V::I", "<V>",
        "template<V>", "[]{system(0);}()", "1'000", "0b11", "0x1.8p3", "1e5L", "1ull", "$(id)", "`id`", "|id",
        ";id", "&& id", "> pwned", "< /etc/passwd", "V & id", "$((9**9))", "!!", "~/x", "%00", "\\x00", "\\u0041",
    ],
    "Brian2, numpy and sympy": [
        "np.load('x')", "numpy.fromfile('x')", "sympy.sympify('x')", "Symbol('x')", "Integer(9)**Integer(9)",
        "S(1)", "Integral(V, (V, 0, 1))", "factorial(1000000)", "binomial(V, V)", "Derivative(V)", "Sum(V, V)",
        "Piecewise((V, I))", "Function('f')(V)", "TimedArray([1], 1)(t)", "rand()*V", "randn()", "exprel(V)",
        "log10(V)", "ceil(V)", "arcsin(V)", "timestep(V, dt)", "dirac(V)", "heaviside(V)", "min(V, I)",
        "max(V, I)", "fabs(V)", "fmod(V, I)", "isnan(V)", "where(V, I, w)", "sum(V)", "V : volt", "V : 1 (shared)",
        "dV/dt = 1/second : 1", "V = I : 1", "V (unless refractory)", "V : volt (constant over dt)", "x : integer",
        "xi*second**-0.5", "xi_1*V", "_V", "V _", "lastspike + V", "not_refractory*V", "i + j", "N*V", "t_in_timesteps*dt",
        "V_pre + V_post", "w : 1 (event-driven)", "summed(V)", "V*(i == j)", "run_regularly(V)", "_array_V[0]",
        "device.code", "brian2.prefs", "prefs['codegen.target']", "get_device()", "weave(V)", "%V%", "{SUPPORT_CODE}",
    ],
    "ends of lines": [
        "V\r\nimport os\r\n", "V\rI", "V\n\nI", "\nV\nI", "V;\nI", "V\\\r\nI", "V\x1c+ I", "V\x1e+ I", "V\x1f",
        "# V", "V # I\nimport os", "\"\"\"\nV\n\"\"\" + I", "V\x04", "V\x1b]0;x\x07",
    ],
    "keywords": [
        "V if I", "V else I", "V or", "and V", "V is not I", "V not I", "elif V", "try V", "except V", "finally: V",
        "nonlocal V, I", "exec V", "match V", "case V", "type V", "V := I", "V: I", "@V", "V @ I @ w", "...V", "-> V",
        "V <-> I", "V => I", "V === I", "V <=> I", "V =! I", "V !> I", "V ++ + I +", "V ** ** I", "V //", "V %% I",
        "1 2", "V 2", "2 V", "2V", "V.2", ".V", "V..I", "V,,", ",V", "V;", ":V", "V:", "(V", "V)", ")V(", "[V", "V]", "{V",
    ],
}  # fmt: skip

WORDS = [
    "zoo",
    "oo",
    "E1",
    "Infinity",
    "self",
    "cls",
    "np",
    "os",
    "sys",
    "np_load",
    "volts",
    "mVolt",
    "eval",
    "exec",
    "open",
]
"""Names that a model may use for its own variables, and that mean nothing where they are not declared."""
