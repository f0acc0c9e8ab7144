"""Customers whose every value can be recognised wherever it turns up."""

from __future__ import annotations

from typing import Any

DEAL = {
    "dealname": "Quixname #AWS",
    "aws_customer_problem": "Quixproblem: forty servers have to move before the lease ends.",
    "description": "Quixdescription: what the rep has written down about it.",
    "dealstage": "presentationscheduled",
    "closedate": "2031-07-23T00:00:00Z",
    "hs_next_step": "Quixnextstep with the board",
    "dealtype": "existingbusiness",
    "aws_use_case": "Migration / Database Migration",
    "aws_delivery_models": "Managed Services;Resell",
    "aws_sales_activities": "SOW Signed;Completed Action Plan",
    "aws_primary_needs": "Co-Sell - Competitive Information",
    "aws_involvement_type": "Co-Sell",
    "amount": "7346519.25",
    "deal_currency_code": "EUR",
    "aws_contract_months": "137",
    "pipeline": "default",
}
COMPANY = {
    "name": "Quixcompany",
    "industry": "CONSUMER_SERVICES",
    "domain": "quixdomain.example",
    "website": "https://quixsite.example",
    "country": "United States",
    "state": "Washington",
    "zip": "98199",
    "city": "Quixcity",
    "address": "7 Quixstreet",
    "aws_account_id": "739184650271",
}
CONTACT = {
    "email": "quixmail@quixmailhost.example",
    "firstname": "Quixfirst",
    "lastname": "Quixlast",
    "jobtitle": "Quixjob",
    "phone": "+12065550173",
}
LATER = {  # what comes by hand or from AWS after the create
    "amount": "8451962.50",
    "hs_next_step": "Quixmoved to autumn",
    "dealstage": "closedlost",
    "aws_closed_lost_reason": "People/Relationship/Governance",
    "aws_review_comments": "Quixcomments of the reviewer",
    "aws_review_reason": "Quixreason of the reviewer",
    "aws_opportunity_owner": "quixowner@quixowners.example",
}
INVITATION: dict[str, Any] = {
    "catalog": "Sandbox",
    "title": "Zorgtitle",
    "business_problem": "Zorgproblem: the customer wants to move its ERP to the cloud.",
    "company": "Zorgcompany",
    "industry": "Hospitality",
    "country": "US",
    "website": "zorgsite.example",
    "target_completion_date": "2032-08-24",
    "monthly_spend": "6235408.00",
    "contacts": [
        {
            "FirstName": "Zorgfirst",
            "LastName": "Zorglast",
            "Email": "zorgmail@zorgmailhost.example",
            "Phone": "+12065550184",
            "BusinessTitle": "Zorgjob",
        }
    ],
    "state": "Oregon",
    "city": "Zorgcity",
    "postal_code": "97203",
    "street": "8 Zorgstreet",
    "aws_account_id": "628073549160",
    "next_steps": "Zorgnextstep",
    "message": "Zorgmessage",
}
IN_AWS_WORDS = {"Technical Validation", "Expansion", "Consumer Services", "Quixname", "Closed Lost"}
# Too short, or too common a word, to be told from an id or from a name of ours.
# The involvement is our own choice, and travels in the message that asks for a submission.
_NO_MARK = {"aws_involvement_type", "pipeline", "aws_contract_months", "country", "catalog"}
_DATES = {"closedate", "target_completion_date"}


def marks(*records: dict[str, Any]) -> set[str]:
    """The texts by which the records' values are recognised."""
    found: set[str] = set()
    for record in records:
        for name, value in record.items():
            if isinstance(value, list):
                found |= marks(*value)
            elif name in _DATES:
                found.add(value[:10])
            elif name not in _NO_MARK:
                found |= {part.removesuffix(" #AWS").removesuffix(".00") for part in value.split(";")}
    return found
