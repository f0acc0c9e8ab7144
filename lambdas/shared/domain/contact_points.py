"""Mail addresses and phone numbers as people write them."""

from __future__ import annotations

import re

_MAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+")


def mail_address(text: str) -> str | None:
    """A mail address in lower case, or None for what is none."""
    address = text.strip().lower()
    return address if _MAIL.fullmatch(address) else None


def e164(phone: str) -> str | None:
    """A phone number in E.164, or None where the country is not stated: none is assumed."""
    digits = re.sub(r"[\s().\-/]", "", phone)
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    return digits if re.fullmatch(r"\+[1-9]\d{6,14}", digits) else None
