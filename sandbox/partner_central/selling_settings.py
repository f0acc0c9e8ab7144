"""GetSellingSystemSettings and PutSellingSystemSettings: the role of resource snapshot jobs, per catalog (3.4)."""

from __future__ import annotations

from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import AccessDeniedException, ResourceNotFoundException


def read(call: Call, body: Body) -> Answer:
    """The role's ARN, if one is registered."""
    role = call.state.job_role_arn
    if role is None and call.switches.selling_settings_before_put == "not-found":
        raise ResourceNotFoundException(f"no selling system settings in catalog {body['Catalog']}", "3.4")
    return {"Catalog": call.state.name, **({} if role is None else {"ResourceSnapshotJobRoleArn": role})}


def write(call: Call, body: Body) -> Answer:
    """Register a role of the own account by ARN or name (the model has checked its form); without one, none is."""
    role = body.get("ResourceSnapshotJobRoleIdentifier")
    account = call.settings.account_id
    if role is not None and not role.startswith("arn:"):
        role = f"arn:aws:iam::{account}:role/{role}"
    if role is not None and role.split(":")[4] != account:
        raise AccessDeniedException("iam:PassRole: the role must lie in the calling account", "5")
    call.state.job_role_arn = role
    return read(call, body)
