"""Leads of the Cloud CRM Partners API v1, for partners who begin with one. Scope ``…/auth/cloudcrmpartners``.

https://developers.google.com/cloud-crm-partners
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.google.adapters.session import Session, call
from lambdas.google.domain.ids import lead_name, vector_name
from lambdas.google.domain.lead import lead_problems
from lambdas.shared.adapters.http import Json, checked_base_url
from lambdas.shared.errors import Rejected

BASE_URL = "https://cloudcrmpartners.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/cloudcrmpartners"


class CrmPartners:
    """One partner's leads. There is no list, and a lead never says which opportunity it became."""

    def __init__(self, session: Session, partner_id: str, base_url: str = BASE_URL) -> None:
        self._session = session
        self._partner = vector_name(partner_id)
        self._url = checked_base_url(base_url, "Google", "COSELL_GOOGLE_CRM_URL") + "/v1/"

    def create_lead(self, body: Mapping[str, Any]) -> Json:
        """The new lead. After a lost answer a person has to look: nothing can find it again, and nothing repeats it.

        Raises:
            Rejected: a required field is missing, or not exactly one product family is named; nothing was sent.
        """
        problems = lead_problems(body)
        if problems:
            raise Rejected("The deal does not say what a Google lead needs.", problems)
        url = f"{self._url}{self._partner}/leads"
        return call(self._session, "POST", url, "to create a lead", body=dict(body))

    def get_lead(self, name: str) -> Json:
        """Google's answer for ``partners/…/leads/…``. ``NotFound`` if there is none."""
        return call(self._session, "GET", self._url + lead_name(name, self._partner), "to read a lead")
