"""Addresses -> methods. The paths of the vendor's four hosts do not clash."""

from __future__ import annotations

import re
from urllib.parse import unquote

from sandbox.google.errors import ApiError

STS, IMPERSONATE, JWT = "sts.token", "iamcredentials.generateAccessToken", "oauth2.token"
TOKEN_METHODS = (STS, IMPERSONATE, JWT)
_ID = r"[^/:]+"
ROUTES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("POST", r"/v1/token", STS, ()),
    ("POST", r"/v1/projects/-/serviceAccounts/(?P<email>[^/:]+):generateAccessToken", IMPERSONATE, ()),
    ("POST", r"/token", JWT, ()),
    ("POST", r"/v1alpha1/opportunities", "opportunities.create", ("partner",)),
    (
        "GET",
        r"/v1alpha1/opportunities:query",
        "opportunities.query",
        ("partner", "pageSize", "pageToken", "filter", "orderBy"),
    ),
    ("GET", rf"/v1alpha1/opportunities/(?P<id>{_ID})", "opportunities.get", ("partner",)),
    ("PATCH", rf"/v1alpha1/opportunities/(?P<id>{_ID})", "opportunities.patch", ("partner", "updateMask")),
    ("POST", rf"/v1/partners/(?P<partner>{_ID})/leads", "partners.leads.create", ()),
    ("GET", rf"/v1/partners/(?P<partner>{_ID})/leads/(?P<id>{_ID})", "partners.leads.get", ()),
    ("GET", rf"/v1/partners/(?P<partner>{_ID})/opportunities/(?P<id>{_ID})", "partners.opportunities.get", ()),
    (
        "PATCH",
        rf"/v1/partners/(?P<partner>{_ID})/opportunities/(?P<id>{_ID})",
        "partners.opportunities.patch",
        ("updateMask",),
    ),
)
SYSTEM_PARAMETERS = ("alt", "prettyPrint")


def route(verb: str, raw_path: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """``(method, parts of the path, query parameters it takes)``. 404 for what neither API has, such as a list."""
    for allowed, pattern, method, parameters in ROUTES:
        # a percent-encoded colon or slash is decoded after matching: it is part of a value
        found = re.fullmatch(pattern, raw_path.replace("%40", "@").replace("%3Aquery", ":query"))
        if found is not None and verb == allowed:
            return method, {name: unquote(part) for name, part in found.groupdict().items()}, parameters
    raise ApiError(404, "the API has no such method")
