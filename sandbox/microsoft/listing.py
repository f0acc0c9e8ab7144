"""One page of the list, and the link to the next (fact sheet 6)."""

from __future__ import annotations

import base64
import binascii
import json
from urllib.parse import quote

from sandbox.microsoft import odata
from sandbox.microsoft.errors import VendorError, invalid
from sandbox.microsoft.facts import FACTS
from sandbox.microsoft.referrals import Referrals
from sandbox.microsoft.shape import Json
from sandbox.microsoft.switches import Switches

OPTIONS = ("$filter", "$orderby", "$select", "$top", "$skip", "$count")
_CONTEXT = "http://api.partner.microsoft.com/v1.0/$metadata#Referrals"


def page(referrals: Referrals, query: dict[str, str], host: str, switches: Switches) -> Json:
    """The answer to ``GET /referrals``. ``host`` is the one that the request named."""
    unknown = sorted(set(query) - {*OPTIONS, "$skiptoken"})
    if unknown:
        raise invalid(unknown[0], f"no such option; there are: {', '.join(OPTIONS)}", "6")
    if query.get("$count", "true") not in ("true", "false"):
        raise invalid("$count", "must be true or false", "6")
    asked = _resumed(query)
    fits = odata.filter_of(asked.get("$filter"), switches)
    found = odata.ordered([one for one in referrals.documents.values() if fits(one)], asked.get("$orderby"))
    skip, top = odata.whole(asked, "$skip", 0), odata.whole(asked, "$top", len(found))
    size = min(FACTS["page_size"], top)
    shown = [referrals.read(one["id"]) for one in found[skip : skip + size]]
    answer: Json = {
        "@odata.context": _CONTEXT,
        "@odata.count": len(found),
        "value": odata.selected(shown, asked.get("$select")),
    }
    if len(found) > skip + size and top > size:
        rest = {**asked, "$skip": str(skip + size)}
        if "$top" in asked:
            rest["$top"] = str(top - size)
        answer["@odata.nextLink"] = _link(rest, host, switches)
    return answer


def _resumed(query: dict[str, str]) -> dict[str, str]:
    token = query.get("$skiptoken")
    if token is None:
        return query
    if len(query) > 1:
        raise invalid("$skiptoken", "a nextLink is followed as it is, without further options", "6")
    try:
        resumed = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError) as error:
        raise _bad_token() from error
    if not isinstance(resumed, dict):
        raise _bad_token()
    return resumed


def _bad_token() -> VendorError:
    return invalid("$skiptoken", "is none of this list's", "6")


def _link(rest: dict[str, str], host: str, switches: Switches) -> str:
    token = quote(base64.urlsafe_b64encode(json.dumps(rest).encode()).decode())
    path = "/v1.0/referrals" if switches.next_link == "printed" else "/v1.0/engagements/referrals"
    return f"http://{switches.next_link_host or host}{path}?$skiptoken={token}"
