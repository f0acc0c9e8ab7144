"""Postal code formats by country, checked at submission (fact sheet 2.5). 9 = digit, A = letter, N = digit."""

from __future__ import annotations

import re

_PLAIN = {
    "99999": "AX BA BT CU DE DO DZ EE EG ES FI FR GT GU HN HR ID IQ IT JO KE KH KR KW LA LK MA ME MH MM MN MP MX MY NA "
    "NI NP PE PK PR PW RS SD SN SS TD TH TR TW UA UY VI ZM US",
    "99999-9999": "US SA",
    "999999": "CN CO EC KG KZ NG PA RO SG TJ TM TT VN IN",
    "9999": "AF AL AM AT AU BD BG CC CH CV CX CY DK ET GE GL GW HT HU LI LR LU MK MZ NE NF NO NZ PH PY SJ TN ZA "
    "BE BH MV PT",
    "999": "FO IS LS MG OM PG BH",
}
_SEVERAL = {
    "BE": ("B-9999",),
    "BR": ("99999", "99999-999"),
    "CA": ("A9A 9A9", "A9A9A9"),
    "CR": ("9999", "99999"),
    "CZ": ("999 99", "99999"),
    "SK": ("999 99", "99999"),
    "GR": ("99999", "999 99"),
    "IL": ("99999", "9999999"),
    "IN": ("999 999",),
    "JP": ("9999999", "999-9999"),
    "LT": ("99999", "~LT-99999"),
    "MT": ("AAA 9999", "AAA9999"),
    "MV": ("99999",),
    "NL": ("9999 AA", "9999AA"),
    "PT": ("9999-999",),
    "SE": ("99999", "999 99", "~S-99999", "~SE-99999"),
    "BM": ("AA 99", "AA AA"),
    "BN": ("~KB9999",),
    "JM": ("99",),
    "PL": ("99-999",),
    "SM": ("~4789N",),
    "SV": ("~1101",),
    "SZ": ("~M999",),
    "VA": ("~120",),
    "VC": ("~VC9999",),
    "GF": ("~973NN",),
    "GP": ("~971NN",),
    "MC": ("~980NN",),
    "MQ": ("~972NN",),
    "NC": ("~988NN",),
    "PF": ("~987NN",),
    "RE": ("~974NN",),
    "WF": ("~986NN",),
    "YT": ("~976NN",),
    "BL": ("~97133",),
    "MF": ("~97150",),
    "PM": ("~97500",),
}
_LITERAL = {
    "BE": {"B-9999": r"B-\d{4}"},
    "SE": {"~S-99999": r"S-\d{5}", "~SE-99999": r"SE-\d{5}"},
    "LT": {"~LT-99999": r"LT-\d{5}"},
    "BN": {"~KB9999": r"KB\d{4}"},
    "SZ": {"~M999": r"M\d{3}"},
    "VC": {"~VC9999": r"VC\d{4}"},
}
_GREAT_BRITAIN = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_IRELAND = r"[A-Z]\d[\dW] ?[A-Z\d]{4}"  # real Eircodes, of which the vendor's A99 9A9A is one kind
_WITHOUT = """AE AG AN AO AW BF BI BJ BO BQ BS BW BZ CF CG CI CK CM CW DJ DM ER FJ GD GH GM GQ GY HK HM KI KM KN LY ML
    MO MR MW NR NU QA RW SB SC SH SL SR ST SY TF TG TK TL TO TV UG VU YE ZW"""
NO_POSTAL_CODE = frozenset(_WITHOUT.split())


def _expression(country: str, form: str) -> str:
    if form in _LITERAL.get(country, {}):
        return _LITERAL[country][form]
    if form.startswith("~"):  # fixed digits, N a digit
        return form[1:].replace("N", r"\d")
    return "".join({"9": r"\d", "A": "[A-Z]"}.get(sign, re.escape(sign)) for sign in form)


def _table() -> dict[str, tuple[tuple[str, ...], re.Pattern[str]]]:
    forms: dict[str, list[str]] = {}
    for form, countries in _PLAIN.items():
        for country in countries.split():
            forms.setdefault(country, []).append(form)
    forms["PG"].append("999999")
    for country, more in _SEVERAL.items():
        forms.setdefault(country, []).extend(more)
    table = {
        country: (
            tuple(form.lstrip("~") for form in listed),
            re.compile("|".join(_expression(country, form) for form in listed), re.IGNORECASE),
        )
        for country, listed in forms.items()
    }
    table["GB"] = (("A(A)9(A/9) 9AA",), re.compile(_GREAT_BRITAIN, re.IGNORECASE))
    table["IE"] = (("A99 XXXX", "A99XXXX"), re.compile(_IRELAND, re.IGNORECASE))
    return table


FORMATS = _table()


def complaint(country: str, postal_code: str | None) -> str | None:
    """What is wrong with the postal code of a country at submission, or None.

    Countries of no published rule accept anything.
    """
    if country in NO_POSTAL_CODE:
        return f"must be left out: {country} has no postal codes" if postal_code else None
    if country not in FORMATS:
        return None
    forms, pattern = FORMATS[country]
    if not postal_code:
        return f"is required for {country}; form: {' or '.join(forms)}"
    if pattern.fullmatch(postal_code) is None:
        return f"must have the form {' or '.join(forms)} for {country}"
    return None
