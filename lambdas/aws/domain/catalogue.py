"""Documents for sellers, from a file that the user keeps: which fit an opportunity, and how they are told.

A document is ``{"kind", "title", "url", "description", "solutions", "use_cases", "industries"}`` of ``partners.aws``'s
``resources.documents`` in the settings document, checked when it was rendered.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lambdas.shared.domain import paths
from lambdas.shared.domain.messages import digest
from lambdas.shared.domain.notification import Notification

KINDS: Mapping[str, str] = {
    "whitepaper": "Whitepapers",
    "case-study": "Case studies",
    "reference-architecture": "Reference architectures",
    "presentation": "Presentations",
    "training": "Training",
    "solution-brief": "Solution briefs",
}
"""Every kind that there is, and its heading; a note lists them in this order."""

type Document = Mapping[str, Any]


def mark_of(document: Document) -> str:
    """A digest by which a document is known as told; another title or address makes another one of it."""
    return digest(document["title"], document["url"])


def fitting(documents: Iterable[Document], opportunity: Mapping[str, Any]) -> list[Document]:
    """Those that fit GetOpportunity's document, in the file's order.

    One of its solutions is associated, or one of its use cases is the opportunity's; one that names neither fits
    whatever they are. Where it names industries, the customer's has to be one of those besides.
    """
    solutions = frozenset(paths.get(opportunity, "RelatedEntityIdentifiers.Solutions") or ())
    use_case = paths.get(opportunity, "Project.CustomerUseCase")
    industry = paths.get(opportunity, "Customer.Account.Industry")
    return [one for one in documents if _fits(one, solutions, use_case, industry)]


def document_notes(documents: Sequence[Document], most: int) -> list[Notification]:
    """Notes with links, at most ``most`` documents each, grouped by kind. The same documents give the same notes."""
    order = list(KINDS)
    sorted_ = sorted(documents, key=lambda one: order.index(one["kind"]))
    return [_note(sorted_[start : start + most]) for start in range(0, len(sorted_), most)]


def _fits(document: Document, solutions: frozenset[str], use_case: Any, industry: Any) -> bool:
    industries = document.get("industries") or ()
    if industries and industry not in industries:
        return False
    of_solutions, of_use_cases = document.get("solutions") or (), document.get("use_cases") or ()
    if not of_solutions and not of_use_cases:
        return True
    return bool(solutions & set(of_solutions)) or use_case in of_use_cases


def _note(documents: Sequence[Document]) -> Notification:
    kinds = dict.fromkeys(one["kind"] for one in documents)
    groups = {kind: "".join(_item(one) for one in documents if one["kind"] == kind) for kind in kinds}
    body = "".join(f"<p><strong>{KINDS[kind]}</strong></p><ul>{items}</ul>" for kind, items in groups.items())
    key = digest(sorted(mark_of(one) for one in documents))
    lead = "<p>These may help with this opportunity at AWS:</p>"
    return Notification(f"documents:{key}", "note", "Resources for this deal", lead + body)


def _item(document: Document) -> str:
    link = f'<a href="{html.escape(document["url"])}">{html.escape(document["title"])}</a>'
    description = document.get("description")
    return f"<li>{link}{f': {html.escape(description)}' if description else ''}</li>"
