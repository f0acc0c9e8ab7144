"""HubSpot's rich text as plain text."""

from __future__ import annotations

import html
import re

# What HubSpot's editor makes, or keeps of a pasted page. Anything else in angle brackets is what a person wrote.
_NAMES = (
    "a|b|big|blockquote|body|br|center|code|col|colgroup|dd|del|div|dl|dt|em|figcaption|figure|font|h[1-6]|head|hr|html|"
    "i|iframe|img|ins|li|mark|o:p|ol|p|pre|s|script|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|"
    "tr|tt|u|ul"
)
# An attribute without a value is no editor's: "<b and c>" is a comparison.
_ATTRIBUTE = r"""\s+[a-z][\w:.-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]+)"""
_TAG = re.compile(rf"<(?:!--.*?--|/?(?:{_NAMES})(?:{_ATTRIBUTE})*\s*/?)>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr)\s*/?>", re.IGNORECASE)


def plain(text: str) -> str:
    """Text without markup: tags gone, entities decoded, line ends kept. Doing it twice changes nothing.

    A person's own angle brackets stay: ``a <b and c> d`` and ``<to be named>`` are text.
    """
    before = None
    while text != before:
        before = text
        text = html.unescape(_TAG.sub(" ", _BREAK.sub("\n", text)))
        lines = (" ".join(line.split()) for line in text.splitlines())
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return text
