"""Driving the simulated account over HTTP, under ``/_sandbox/``.

    GET|POST|DELETE /_sandbox/faults                   fault rules, see ``sandbox.faults``
    GET             /_sandbox/opportunities[?catalog=] records with their documents
    GET             /_sandbox/invitations[?catalog=]
    POST            /_sandbox/aws/opportunities/{id}   AWS edits a record, see ``aws_side.edit``
    POST            /_sandbox/aws/invitations          AWS sends an invitation, see ``orders.InvitationOrder``
    POST            /_sandbox/aws/snapshots            {"opportunity": "O1", "template", "created_by"}
    POST            /_sandbox/aws/members              {"engagement": "eng-…", "account", "company"}
    POST            /_sandbox/solutions                {"identifier", "name", "status", "category"}
    POST            /_sandbox/task-failures            {"kind": "accept", "reason_code": "InternalError", "count": 1}
                                                       of a task "accept" or "submit"; "message": AWS's words
    GET|DELETE      /_sandbox/calls                    calls and throttles per operation
    GET|PATCH       /_sandbox/settings                 switches, quota, event trouble, paces, latency

Bodies may name a ``catalog`` (default AWS, or the one that holds the record). A wrong order is answered 400 with the
reason, an unknown record 404.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Request

from sandbox.control import ControlPage, Routes, change_settings, members
from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.errors import VendorError


class Control(ControlPage):
    """Answers the ``/_sandbox/`` requests of one account."""

    def __init__(self, account: PartnerCentralAccount, faults: FaultRules) -> None:
        self._account = account
        routes: Routes = {
            ("GET", "opportunities"): self._opportunities,
            ("GET", "invitations"): self._invitations,
            ("POST", "aws/invitations"): self._invite,
            ("POST", "aws/snapshots"): self._add_snapshot,
            ("POST", "aws/members"): self._add_member,
            ("POST", "solutions"): self._add_solution,
            ("POST", "task-failures"): self._fail_tasks,
            ("GET", "calls"): self._calls,
            ("DELETE", "calls"): self._forget_calls,
            ("GET", "settings"): self._settings,
            ("PATCH", "settings"): self._change_settings,
        }
        super().__init__(routes, faults, edits={"aws/opportunities/": self._edit_opportunity}, refusals=(VendorError,))

    def _edit_opportunity(self, identifier: str, request: Request) -> Any:
        edits = members(request)
        catalog = edits.pop("catalog", None)
        self._account.edit_as_aws(identifier, catalog=catalog, **edits)

    def _invite(self, request: Request) -> Any:
        return {"id": self._account.send_invitation(**members(request))}

    def _add_snapshot(self, request: Request) -> Any:
        order = members(request)
        return {"revision": self._account.add_snapshot(order.pop("opportunity"), **order)}

    def _add_member(self, request: Request) -> Any:
        order = members(request)
        self._account.add_member(order.pop("engagement"), **order)

    def _add_solution(self, request: Request) -> Any:
        self._account.add_solution(**members(request))

    def _fail_tasks(self, request: Request) -> Any:
        self._account.fail_tasks(**members(request))

    def _opportunities(self, request: Request) -> Any:
        return [
            {"catalog": name, **asdict(record)}
            for name, state in self._chosen(request)
            for record in list(state.opportunities.values())
        ]

    def _invitations(self, request: Request) -> Any:
        return [
            {"catalog": name, **asdict(record)}
            for name, state in self._chosen(request)
            for record in list(state.invitations.values())
        ]

    def _chosen(self, request: Request) -> list[tuple[str, Any]]:
        wanted = request.args.get("catalog")
        return [(name, state) for name, state in self._account.catalogs.items() if wanted in (None, name)]

    def _calls(self, _request: Request) -> Any:
        calls = [{"operation": operation, "at_ms": at} for operation, at in list(self._account.calls)]
        return {"calls": calls, "by_operation": self._account.call_counts()}

    def _forget_calls(self, _request: Request) -> Any:
        self._account.forget_calls()

    def _parts(self) -> dict[str, Any]:
        return {
            "switches": self._account.switches,
            "quota": self._account.quota.quota,
            "trouble": self._account.events.trouble,
            "submit_pace": self._account.settings.submit_pace,
            "accept_pace": self._account.settings.accept_pace,
        }

    def _settings(self, _request: Request) -> Any:
        parts = {name: asdict(part) for name, part in self._parts().items()}
        return {**parts, "latency_seconds": self._account.latency_seconds}

    def _change_settings(self, request: Request) -> Any:
        account = self._account
        singles = {"latency_seconds": lambda value: setattr(account, "latency_seconds", float(value))}
        change_settings(members(request), self._parts(), singles)
        return self._settings(request)
