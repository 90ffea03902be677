"""The placeholders of every sentence are those that its call fills, and those of its translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import jinja2
from babel.messages.jslexer import Token, tokenize, unquote_string
from babel.messages.pofile import read_po
from jinja2 import nodes

from app import errors
from app.config import PROJECT_DIR, TRANSLATIONS_DIR

APP = PROJECT_DIR / "app"
PYTHON, SCRIPT = re.compile(r"%\((\w+)\)s"), re.compile(r"\{(\w+)\}")
REFUSALS = {
    name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.AppError)
}
MARKS = {"N_", "NN_"}
TRANSLATING = {"_", "gettext", "ngettext", "translate"}
OPENING, CLOSING = {"(", "[", "{"}, {")", "]", "}"}


class Call(NamedTuple):
    """Sentences of which one is shown, and the values that fill it; `counted` may, the number of a plural."""

    place: str
    sentences: tuple[str, ...]
    filled: frozenset[str]
    counted: frozenset[str] = frozenset()

    def faults(self, placeholder: re.Pattern[str]) -> list[str]:
        named = [set(placeholder.findall(sentence)) for sentence in self.sentences]
        unfilled = set().union(*named) - self.filled - self.counted
        unused = self.filled - set().union(*named)
        return [f"{self.place}: {fault} {sorted(names)}" for fault, names in (
            ("nothing fills", unfilled), ("nothing shows", unused)) if names]  # fmt: skip


def python_calls(code: str, place: str) -> Iterator[Call]:
    """Yield the calls that write a sentence here: a translation, or a refusal."""
    tree = ast.parse(code)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or _name(node) not in TRANSLATING | REFUSALS:
            continue
        first: ast.expr | None = node.args[0]
        if isinstance(first, ast.Name):
            around = [one for one in functions if one.lineno <= node.lineno <= (one.end_lineno or 0)]
            first = _assigned(first, [*ast.walk(around[-1])] if around else []) or _assigned(first, tree.body)
        texts = node.args[:2] if _name(node) == "ngettext" else [first]
        sentences = tuple(sentence for text in texts for sentence in _sentences(text))
        filled = {keyword.arg for keyword in node.keywords}
        if sentences and None not in filled:
            counted = frozenset({"num"} if _name(node) == "ngettext" else ())
            yield Call(f"{place}:{node.lineno}", sentences, frozenset(map(str, filled)), counted)


def _assigned(name: ast.Name, among: Iterable[ast.AST]) -> ast.expr | None:
    """Return what a name was given last before it is used."""
    given = [
        node.value
        for node in among
        if isinstance(node, ast.Assign)
        and node.lineno < name.lineno
        and name.id in {getattr(target, "id", None) for target in node.targets}
    ]
    return max(given, key=lambda value: value.lineno, default=None)


def _name(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _is_marked(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _name(node) in MARKS


def _sentences(node: ast.AST | None) -> Iterator[str]:
    """Yield the texts that an argument can be, as far as they stand in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from [*_sentences(node.body), *_sentences(node.orelse)]
    elif isinstance(node, ast.Call) and _is_marked(node):
        for argument in node.args:
            yield from _sentences(argument)


def template_calls(source: str, place: str) -> Iterator[Call]:
    """Yield the translations of a Jinja template."""
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    for call in environment.parse(source).find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in TRANSLATING or call.dyn_kwargs:
            continue
        sentences = tuple(arg.value for arg in call.args if isinstance(arg, nodes.Const))
        filled = frozenset(keyword.key for keyword in call.kwargs)
        counted = frozenset({"num"} if call.node.name == "ngettext" else ())
        if sentences:
            yield Call(f"{place}:{call.lineno}", sentences, filled, counted)


def script_calls(code: str, place: str) -> Iterator[Call]:
    """Yield the calls of `t` and `tn` of a browser module that write out their values."""
    tokens = [token for token in tokenize(code) if token.type not in {"linecomment", "multilinecomment"}]
    for i, (token, following) in enumerate(pairwise(tokens)):
        is_own = i == 0 or tokens[i - 1].value not in {".", "function"}
        if token.value not in {"t", "tn"} or following.value != "(" or not is_own:
            continue
        first, *others = _arguments(tokens[i + 2 :])
        texts = [first] if token.value == "t" else others[:2]
        values = (others if token.value == "t" else others[2:])[:1]
        sentences = tuple(unquote_string(one.value) for text in texts for one in text if one.type == "string")
        filled = _members(values[0]) if values else set()
        if sentences and filled is not None:
            counted = frozenset({"n"} if token.value == "tn" else ())
            yield Call(f"{place}:{token.lineno}", sentences, frozenset(filled), counted)


def _arguments(tokens: list[Token]) -> list[list[Token]]:
    """Return the tokens of each argument, from behind the bracket that opens them."""
    depth, found = 0, [list[Token]()]
    for token in tokens:
        depth += (token.value in OPENING) - (token.value in CLOSING)
        if depth < 0:
            break
        if depth == 0 and token.value == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _members(tokens: list[Token]) -> set[str] | None:
    """Return the names of an object that is written out; None for any other value."""
    if not tokens or tokens[0].value != "{":
        return None if tokens else set()
    members = [member for member in _arguments(tokens[1:]) if member]
    names = {member[0].value for member in members}
    return None if "..." in names else names


def files(*patterns: str) -> Iterable[tuple[Path, str, str]]:
    for pattern in patterns:
        for path in sorted(APP.rglob(pattern)):
            if "vendor" not in path.parts:
                yield path, path.read_text("utf-8"), path.relative_to(PROJECT_DIR).as_posix()


def test_python_fills_what_its_sentences_name() -> None:
    calls = [call for _, code, place in files("*.py") for call in python_calls(code, place)]
    assert sum(bool(call.filled) for call in calls) > 300
    assert [fault for call in calls for fault in call.faults(PYTHON)] == []


def test_templates_fill_what_their_sentences_name() -> None:
    calls = [call for _, source, place in files("*.html") for call in template_calls(source, place)]
    assert sum(bool(call.filled) for call in calls) > 30
    assert [fault for call in calls for fault in call.faults(PYTHON)] == []


def test_browser_modules_fill_what_their_sentences_name() -> None:
    calls = [call for _, code, place in files("*.js") for call in script_calls(code, place)]
    assert sum(bool(call.filled) for call in calls) > 50
    assert [fault for call in calls for fault in call.faults(SCRIPT)] == []


def test_translations_name_what_their_sentences_name() -> None:
    with (TRANSLATIONS_DIR / "de" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="de") if message.id]
    for message in messages:
        ids, strings = (m if isinstance(m, list | tuple) else (m,) for m in (message.id, message.string))
        for text, string in zip(ids, strings, strict=True):
            for placeholder in (PYTHON, SCRIPT):  # one catalog for both
                assert set(placeholder.findall(text or "")) == set(placeholder.findall(string or "")), text


def test_a_torn_placeholder_is_found() -> None:
    """In each language: a name that nothing fills, and a value that nothing shows."""
    python = 'X = N_("at %(metres)s")\nraise DataError(N_("%(file)s: %(why)s") if a else X, meters=1, file=2)'
    template = "{{ _('%(metres)s of %(n)s', meters=f(x, y=1), n=2) }}"
    script = 't("{metres} of {n}", { meters: f(1, { n: 2 }), n }); tn(3, "{n} {a}", "{n} {a}", { b: `x` });'
    assert [fault for call in python_calls(python, "a.py") for fault in call.faults(PYTHON)] == [
        "a.py:2: nothing fills ['why']",
        "a.py:2: nothing shows ['meters']",
    ]
    assert [fault for call in template_calls(template, "a.html") for fault in call.faults(PYTHON)] == [
        "a.html:1: nothing fills ['metres']",
        "a.html:1: nothing shows ['meters']",
    ]
    assert [fault for call in script_calls(script, "a.js") for fault in call.faults(SCRIPT)] == [
        "a.js:1: nothing fills ['metres']",
        "a.js:1: nothing shows ['meters']",
        "a.js:1: nothing fills ['a']",
        "a.js:1: nothing shows ['b']",
    ]
