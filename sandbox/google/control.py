"""Driving the simulated vendor over HTTP, under ``/_sandbox/``.

    GET|POST|DELETE /_sandbox/faults          fault rules, see ``sandbox.faults``
    GET             /_sandbox/records         all records by kind and name
    GET|DELETE      /_sandbox/calls           calls and refusals by method, the last calls
    POST            /_sandbox/review          {"name", "accept", "reason"?}: Google decides on an opportunity
    POST            /_sandbox/review-lead     {"name", "accept", "reason"?}: Google decides on a lead
    POST            /_sandbox/edit            {"name", "edits": {path: value}}: Google edits an opportunity
    POST            /_sandbox/opportunities   a document: Google brings an opportunity
    POST            /_sandbox/detach          {"name"}: the partner loses access
    POST            /_sandbox/revoke          {"email"?}: tokens end now
    GET|PATCH       /_sandbox/settings        {"settings": {…}, "switches": {…}}

A wrong order is answered 400 with the reason, an unknown record 404.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Request

from sandbox.control import ControlPage, Routes, members
from sandbox.faults import FaultRules
from sandbox.google.account import GoogleAccount
from sandbox.google.errors import VendorError


class Control(ControlPage):
    """Answers the ``/_sandbox/`` requests of one account."""

    def __init__(self, account: GoogleAccount, faults: FaultRules) -> None:
        self._account = account
        routes: Routes = {
            ("GET", "records"): self._records,
            ("GET", "calls"): self._calls,
            ("DELETE", "calls"): lambda _request: account.forget_calls(),
            ("POST", "review"): lambda request: account.review(**members(request)),
            ("POST", "review-lead"): lambda request: {"opportunity": account.review_lead(**members(request))},
            ("POST", "edit"): lambda request: account.edit_as_google(**members(request)),
            ("POST", "opportunities"): lambda request: {"name": account.new_google_opportunity(members(request))},
            ("POST", "detach"): lambda request: account.detach(**members(request)),
            ("POST", "revoke"): lambda request: {"revoked": account.revoke(**members(request))},
            ("GET", "settings"): self._settings,
            ("PATCH", "settings"): self._change,
        }
        super().__init__(routes, faults, refusals=(VendorError,))

    def _records(self, _request: Request) -> Any:
        state = self._account.state
        with self._account.lock:
            return {
                "opportunities": {name: asdict(one) for name, one in state.opportunities.items()},
                "leads": {name: asdict(one) for name, one in state.leads.items()},
                "crm_opportunities": {name: asdict(one) for name, one in state.crm_opportunities.items()},
            }

    def _calls(self, _request: Request) -> Any:
        account = self._account
        with account.lock:
            last = [{"at_ms": at, "method": method, "status": status} for at, method, status in account.call_log]
            return {"calls": dict(account.calls), "refused": dict(account.refused), "last": last[-100:]}

    def _settings(self, _request: Request) -> Any:
        return {"settings": asdict(self._account.settings), "switches": asdict(self._account.switches)}

    def _change(self, request: Request) -> Any:
        self._account.change(**members(request))
        return self._settings(request)
