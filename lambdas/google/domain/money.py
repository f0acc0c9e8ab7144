"""Google's Money, ``{currencyCode, units (int64 as text), nanos}``, and Decimal; never a float."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

_NANO = Decimal("0.000000001")
_MOST = Decimal(2**63 - 1)
_EXACT = Context(prec=60)


def to_money(amount: Decimal, currency: str) -> dict[str, Any]:
    """Money of an amount, rounded to nine decimals; units and nanos have the same sign. ``ValueError`` beyond int64."""
    if not amount.is_finite() or abs(amount) > _MOST:
        raise ValueError("not an amount that Google's Money can hold")
    exact = amount.quantize(_NANO, ROUND_HALF_UP, context=_EXACT)
    units = int(exact)
    return {"currencyCode": currency, "units": str(units), "nanos": int((exact - units).scaleb(9, context=_EXACT))}


def from_money(money: Mapping[str, Any]) -> tuple[Decimal, str | None]:
    """Amount and currency; absent units or nanos are 0. ``ValueError`` for what is no Money."""
    try:
        units, nanos = Decimal(str(money.get("units") or 0)), Decimal(str(money.get("nanos") or 0))
    except InvalidOperation:
        raise ValueError("not Money") from None
    whole = units.is_finite() and nanos.is_finite() and units == int(units) and nanos == int(nanos)
    if not whole or abs(units) > _MOST or abs(nanos) >= 10**9:
        raise ValueError("not Money")
    return _EXACT.add(units, nanos.scaleb(-9, context=_EXACT)), str(money.get("currencyCode") or "") or None


def amount_text(amount: Decimal) -> str:
    """The amount as HubSpot text: no exponent, no zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
