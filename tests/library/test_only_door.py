"""Outside `neuromod/library` no module parses, evaluates or compiles text as Python."""

from __future__ import annotations

import ast
from pathlib import Path

import neuromod.errors

PACKAGE = Path(neuromod.errors.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ALLOWED_OUTSIDE_LIBRARY: dict[str, set[str]] = {}
"""Module -> what it may use; empty, and a reason is due next to every entry."""

EVALUATORS = {"eval", "exec", "compile", "__import__", "literal_eval", "sympify", "parse_expr"}


def uses(tree: ast.AST) -> set[str]:
    """Evaluators that are called or imported, and `ast` if it is imported."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & {"ast", "builtins", "code", "codeop"}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} & {"ast", "builtins", "code", "codeop"}
            found |= {alias.name for alias in node.names} & EVALUATORS
        elif isinstance(node, ast.Name):
            found |= {node.id} & EVALUATORS
        elif isinstance(node, ast.Attribute) and not (
            isinstance(node.value, ast.Name) and node.value.id == "re"
        ):
            found |= {node.attr} & EVALUATORS
    return found


def test_the_search_finds_what_it_looks_for() -> None:
    source = "import ast\nfrom builtins import eval\nexec(x)\nx.compile(x)\nre.compile(x)\nsympy.sympify(x)"
    assert uses(ast.parse(source)) == {"ast", "builtins", "eval", "exec", "compile", "sympify"}


def test_only_the_grammar_uses_python_s_parser_and_nothing_evaluates_text() -> None:
    assert len(MODULES) > 5
    found = {path.relative_to(PACKAGE).as_posix(): uses(ast.parse(path.read_text())) for path in MODULES}
    library = {name: words for name, words in found.items() if name.startswith("library/")}
    outside = {name: words for name, words in found.items() if words and name not in library}
    assert outside == ALLOWED_OUTSIDE_LIBRARY
    assert library["library/syntax.py"] == {"ast"}
    assert set().union(*library.values()) == {"ast"}
