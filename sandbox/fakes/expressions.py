"""DynamoDB's expression language, as far as our code and definitions use it; anything else is a loud error.

``condition(text)`` and ``update(text)`` parse once and remember. The result is a syntax tree of plain tuples:

    operands    ("path", (step, …)) with steps that are names, "#placeholder" or list positions; ("value", ":v");
                ("if_not_exists", path, operand); ("list_append", operand, operand); ("+" | "-", operand, operand)
    conditions  ("and" | "or", left, right); ("not", inner); ("=" | "<>" | "<" | "<=" | ">" | ">=", left, right);
                ("between", operand, low, high); ("in", operand, (operand, …)); (function, argument, …)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Node = tuple[Any, ...]
COMPARISONS = ("=", "<>", "<=", ">=", "<", ">")
FUNCTIONS = {"attribute_exists": 1, "attribute_not_exists": 1, "begins_with": 2, "contains": 2}
_TOKEN = re.compile(r"\s*(?:(<>|<=|>=|[=<>()+\-,.\[\]])|([#:]?[A-Za-z0-9_]+)|(\S))")


class UnknownGrammar(Exception):
    """The fake does not know this expression. Real DynamoDB may or may not: teach the fake, held to moto by a test."""


@dataclass(frozen=True, slots=True)
class Update:
    """``sets`` and ``adds`` pair a path with an operand, ``removes`` lists paths."""

    sets: tuple[tuple[Node, Node], ...]
    removes: tuple[Node, ...]
    adds: tuple[tuple[Node, Node], ...]


@cache
def condition(text: str) -> Node:
    """The tree of a condition or key condition."""
    parser = _Parser(text)
    node = parser.either()
    parser.end()
    return node


@cache
def update(text: str) -> Update:
    """The clauses of an update expression."""
    return _Parser(text).clauses()


@cache
def projection(text: str) -> tuple[Node, ...]:
    """The paths of a projection."""
    parser = _Parser(text)
    paths = [parser.target()]
    while parser.word(","):
        paths.append(parser.target())
    parser.end()
    return tuple(paths)


@cache
def placeholders(text: str) -> frozenset[str]:
    """The ``#names`` and ``:values`` that an expression mentions."""
    return frozenset(re.findall(r"[#:][A-Za-z0-9_]+", text))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        for operator, word, other in _TOKEN.findall(text):
            if other:
                raise self.unknown(other)
            self.tokens.append(operator or word)
        self.at = 0

    def unknown(self, what: str) -> UnknownGrammar:
        return UnknownGrammar(f"{what!r} in {self.text!r}")

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if not token or (expected and token.upper() != expected):
            raise self.unknown(token or "end of expression")
        self.at += 1
        return token

    def word(self, *words: str) -> bool:
        """Take the next token if it is one of these keywords."""
        if self.peek().upper() in words:
            self.at += 1
            return True
        return False

    def end(self) -> None:
        if self.peek():
            raise self.unknown(self.peek())

    def either(self) -> Node:
        node: Node = self.both()
        while self.word("OR"):
            node = self.pair("or", node, self.both())
        return node

    @staticmethod
    def pair(word: str, first: Node, second: Node) -> Node:
        return (word, first, second)

    def both(self) -> Node:
        node: Node = self.negated()
        while self.word("AND"):
            node = self.pair("and", node, self.negated())
        return node

    def negated(self) -> Node:
        return ("not", self.negated()) if self.word("NOT") else self.primary()

    def primary(self) -> Node:
        if self.word("("):
            node = self.either()
            self.take(")")
            return node
        if self.peek() in FUNCTIONS:
            return self.function()
        left = self.operand()
        if self.word("BETWEEN"):
            low = self.operand()
            self.take("AND")
            return ("between", left, low, self.operand())
        if self.word("IN"):
            return ("in", left, self.arguments())
        operator = self.take()
        if operator not in COMPARISONS:
            raise self.unknown(operator)
        return (operator, left, self.operand())

    def function(self) -> Node:
        name = self.take()
        arguments = self.arguments()
        if len(arguments) != FUNCTIONS[name]:
            raise self.unknown(name)
        return (name, *arguments)

    def arguments(self) -> tuple[Node, ...]:
        self.take("(")
        arguments = [self.operand()]
        while self.word(","):
            arguments.append(self.operand())
        self.take(")")
        return tuple(arguments)

    def operand(self) -> Node:
        token = self.take()
        if token.startswith(":"):
            return ("value", token)
        if self.peek() == "(":
            raise self.unknown(token)
        return ("path", self.path(token))

    def path(self, first: str) -> tuple[Any, ...]:
        steps: list[Any] = [self.name(first)]
        while self.peek() in (".", "["):
            if self.word("."):
                steps.append(self.name(self.take()))
            else:
                self.take("[")
                steps.append(int(self.take()))
                self.take("]")
        return tuple(steps)

    def name(self, token: str) -> str:
        if not re.fullmatch(r"#?[A-Za-z0-9_]+", token):
            raise self.unknown(token)
        if token.upper() in reserved_words():
            raise self.unknown(f"reserved word {token}")
        return token

    def clauses(self) -> Update:
        found: dict[str, list[Any]] = {}
        readers: dict[str, Callable[[], Any]] = {"SET": self.assignment, "REMOVE": self.target, "ADD": self.addition}
        while self.peek():
            clause = self.take().upper()
            if clause not in readers or clause in found:
                raise self.unknown(clause)
            found[clause] = [readers[clause]()]
            while self.word(","):
                found[clause].append(readers[clause]())
        return Update(tuple(found.get("SET", ())), tuple(found.get("REMOVE", ())), tuple(found.get("ADD", ())))

    def target(self) -> Node:
        return ("path", self.path(self.take()))

    def addition(self) -> tuple[Node, Node]:
        return self.target(), self.operand()

    def assignment(self) -> tuple[Node, Node]:
        target = self.target()
        self.take("=")
        value = self.settable()
        if self.peek() in ("+", "-"):
            value = (self.take(), value, self.settable())
        return target, value

    def settable(self) -> Node:
        if self.peek() in ("if_not_exists", "list_append"):
            name = self.take()
            self.take("(")
            first = self.settable()
            self.take(",")
            second = self.settable()
            self.take(")")
            return (name, first, second)
        return self.operand()


@cache
def reserved_words() -> frozenset[str]:
    """Words that DynamoDB wants written as ``#name``; moto ships AWS's list as a text file."""
    spec = find_spec("moto")
    (folder,) = spec.submodule_search_locations if spec and spec.submodule_search_locations else ("",)
    text = (Path(folder) / "dynamodb" / "parsing" / "reserved_keywords.txt").read_text()
    return frozenset(word.strip().upper() for word in text.split())
