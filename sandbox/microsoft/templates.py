"""The members that every referral shows, and an invented referral from Microsoft (fact sheet 2)."""

from __future__ import annotations

from sandbox.microsoft.facts import MSFT
from sandbox.microsoft.shape import Json

_EMPTY = (
    "id",
    "engagementId",
    "name",
    "organizationId",
    "organizationName",
    "lastModifiedVia",
    "lastRunId",
    "externalReferenceId",
    "createdDateTime",
    "updatedDateTime",
    "expirationDateTime",
    "status",
    "substatus",
    "statusReason",
    "qualification",
    "type",
    "referralSource",
    "eTag",
    "campaignId",
    "salesStage",
    "direction",
    "mpnId",
    "referralProgram",
    "createdVia",
    "acceptedDateTime",
    "closedDateTime",
    "callToAction",
)
_PREFERENCE = {"locale": "en-us", "disableNotifications": None}
_SOLUTION = ("name", "price", "quantity", "currency", "publisherName", "solutionType", "closingDateTime")
_ADDRESS = ("addressLine1", "addressLine2", "city", "state", "postalCode", "country", "region")


def blank() -> Json:
    """A referral in which nothing is said."""
    return {
        "@odata.context": "https://api.partner.microsoft.com/v1.0/$metadata#Referrals/$entity",
        **dict.fromkeys(_EMPTY),
        "qualification": "None",
        "favorite": False,
        "quality": "Unknown",
        "isSpam": False,
        "dealSensitivity": "None",
        "tags": [],
        "registrationStatus": "None",
        "registrations": [],
        "target": [],
        "customerProfile": {
            "name": None,
            "size": None,
            "isMatchingComplete": True,
            "address": {},
            "team": [],
            "ids": [],
        },
        "consent": {
            "consentToToShareInfoWithOthers": False,
            "consentToContact": False,
            "consentToShareReferralWithMicrosoftSellers": False,
        },
        "details": {
            "notes": None,
            "dealValue": None,
            "currency": None,
            "closingDateTime": None,
            "customerRequestedContact": None,
            "customerAction": None,
            "incentiveLevel": None,
            "requirements": {
                **{name: [] for name in ("industries", "products", "services", "solutions", "offers", "salesPlays")},
                "additionalRequirements": {"iot": {}, "attributes": []},
            },
        },
        "team": [],
        "inviteContext": {"notes": None, "assistanceRequestCode": "Unknown", "invitedMpnId": None, "invitedBy": None},
        "trackingInfo": {"microsoftMsxId": None},
    }


def fill_rows(document: Json) -> None:
    """Give team members, solutions and the address, in place, the members that responses carry."""
    profile = document["customerProfile"]
    for member in (*(profile["team"] or ()), *document["team"]):
        member.setdefault("title", None)
        member["contactPreference"] = _PREFERENCE | (member.get("contactPreference") or {})
    for solution in document["details"]["requirements"]["solutions"]:
        solution |= {name: None for name in _SOLUTION if name not in solution}
    profile["address"] = dict.fromkeys(_ADDRESS) | profile["address"]


def incoming() -> Json:
    """A qualified lead from Microsoft, New/Pending, about an invented customer."""
    document = blank()
    document |= {
        "name": "Example Customer cloud move",
        "type": "Independent",
        "qualification": "SalesQualified",
        "status": "New",
        "substatus": "Pending",
        "direction": "Incoming",
    }
    document["customerProfile"] |= {
        "name": "Example Customer Inc",
        "size": "51to250employees",
        "address": {
            "addressLine1": "1 Example Road",
            "addressLine2": None,
            "city": "Exampleville",
            "state": "EX",
            "postalCode": "00000",
            "country": "US",
            "region": None,
        },
        "team": [
            {"firstName": "Alex", "lastName": "Sample", "phoneNumber": "+10000000000", "email": "alex@customer.example"}
        ],
    }
    document["consent"] = dict.fromkeys(document["consent"], True)
    document["details"] |= {
        "notes": "Asks for help with a move.",
        "dealValue": 25000,
        "currency": "USD",
        "closingDateTime": "2030-06-30T00:00:00Z",
    }
    document["inviteContext"] |= {"invitedBy": {"organizationId": MSFT, "organizationName": "Microsoft"}}
    return document
