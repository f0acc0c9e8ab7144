"""The customer company's fields: website, US state, postal code. They go to AWS only.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_Address.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.countries import country_code
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Reading, problem

_SITE = re.compile(r"(https?://)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(:\d+)?([/?#]\S*)?", re.IGNORECASE)


class Website(Codec):
    """A domain, with a scheme if it has one."""

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """4 to 255 characters in the form of a domain."""
        if 4 <= len(value) <= 255 and _SITE.fullmatch(value):
            return None
        return "must be a web address such as example.com"


class UsState(Codec):
    """A US state's name or two letters, as AWS spells the name."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """AWS's spelling; None for what is no state."""
        states: Mapping[str, str] = context.tables["us_states"]
        text = " ".join(str(value).split()).casefold()
        if text.upper() in states:
            return states[text.upper()]
        if text in ("district of columbia", "washington dc", "washington, dc", "washington d.c.", "d.c."):
            return states["DC"]
        names = [*states.values(), *context.tables["us_states_without_code"]]
        return next((name for name in names if name.casefold() == text), None)

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The state's name, or a problem that names what is no state."""
        raw = text_of(deal, rule.object, rule.properties[0])
        if raw is None:
            return Reading()
        value = self.canonical(raw, rule, context)
        if value is None:
            allowed = tuple(context.tables["us_states"].values())
            return Reading(problem=problem(rule, f"has the unknown US state {raw[:80]!r}", allowed))
        return Reading(value)


_LONGEST_POSTAL_CODE = 20


class PostalCode(Codec):
    """The postal code as it stands; left out where the country has none.

    AWS compares it with the country's form at submission only (``postal_fault``); a create it refuses for the length.
    """

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Upper case, single spaces."""
        return " ".join(str(value).split()).upper() or None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The code, nothing for a country without, or that it is longer than any: the create goes on without it."""
        raw = text_of(deal, rule.object, rule.properties[0])
        country = country_code(text_of(deal, rule.object, rule.properties[1]) or "")
        if raw is None or country in context.tables["no_postal_code"]:
            return Reading()
        value = self.canonical(raw, rule, context)
        if len(value) > _LONGEST_POSTAL_CODE:
            wrong = f"must have at most {_LONGEST_POSTAL_CODE} characters; it is not sent until then"
            return Reading(problem=problem(rule, wrong), dispensable=True)
        return Reading(value)


def postal_fault(country: str | None, code: str | None, context: Context) -> str | None:
    """Why AWS's review does not take a postal code (or its absence) for a country, as the rest of a sentence.

    None for a country without a published rule, too. A form is ``9`` for a digit, ``A`` for a letter and ``X`` for
    either; one that begins with ``=`` is literal but for its ``N``, a digit.
    """
    if country in context.tables["no_postal_code"]:
        return f"must be empty: {country} has no postal codes" if code else None
    forms = context.tables["postal_formats"].get(country)
    if not forms or (code and any(_matches(code, form) for form in forms)):
        return None
    shown = " or ".join(form.removeprefix("=") for form in forms)
    return f"must look like {shown} for {country} (9 and N are digits, A is a letter, X either)"


def _matches(value: str, form: str) -> bool:
    classes = {"N": "[0-9]"} if form.startswith("=") else {"9": "[0-9]", "A": "[A-Z]", "X": "[A-Z0-9]"}
    expression = "".join(classes.get(char, re.escape(char)) for char in form.removeprefix("="))
    return re.fullmatch(expression, value) is not None
