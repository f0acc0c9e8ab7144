"""Value lists that the server keeps and the service model does not (fact sheet 2.2 to 2.4)."""

from __future__ import annotations

STATES = frozenset(
    """Alabama;Alaska;Arizona;Arkansas;California;Colorado;Connecticut;Delaware;Florida;Georgia;Hawaii;Idaho;Illinois;
Indiana;Iowa;Kansas;Kentucky;Louisiana;Maine;Maryland;Massachusetts;Michigan;Minnesota;Mississippi;Missouri;Montana;
Nebraska;Nevada;New Hampshire;New Jersey;New Mexico;New York;North Carolina;North Dakota;Ohio;Oklahoma;Oregon;
Pennsylvania;Rhode Island;South Carolina;South Dakota;Tennessee;Texas;Utah;Vermont;Virginia;Washington;West Virginia;
Wisconsin;Wyoming;American Samoa;APO/AE;AFO/FPO;FPO, AP;Dist. of Columbia;Federated States of Micronesia;Guam;
Marshall Islands;Palau;Puerto Rico;Virgin Islands""".replace("\n", "").split(";")
)

_USE_CASES = tuple(
    """AI Machine Learning and Analytics;Archiving;
Big Data: Data Warehouse / Data Integration / ETL / Data Lake / BI;Blockchain;
Business Applications: Mainframe Modernization;Business Applications & Contact Center;
Business Applications & SAP Production;Centralized Operations Management;Cloud Management Tools;
Cloud Management Tools & DevOps with Continuous Integration & Continuous Delivery (CICD);
Configuration, Compliance & Auditing;Connected Services;Containers & Serverless;Content Delivery & Edge Services;
Database;Edge Computing / End User Computing;Energy;Enterprise Governance & Controls;Enterprise Resource Planning;
Financial Services;Healthcare and Life Sciences;High Performance Computing;Hybrid Application Platform;
Industrial Software;IOT;Manufacturing, Supply Chain and Operations;Media & High performance computing (HPC);
Migration / Database Migration;Monitoring, logging and performance;Monitoring & Observability;Networking;Outpost;SAP;
Security & Compliance;Storage & Backup;Training;VMC;VMWare;Web development & DevOps""".replace("\n", "").split(";")
)


def use_cases(spaced: bool) -> frozenset[str]:
    """The 39 values of CustomerUseCase, with or without spaces around the slash (2.3: the sources differ)."""
    return frozenset(_USE_CASES if spaced else (value.replace(" / ", "/") for value in _USE_CASES))


MARKETING_USE_CASES = frozenset(
    """AI/ML;Analytics;Application Integration;Blockchain;Business Applications;Cloud Financial Management;Compute;
Containers;Customer Engagement;Databases;Developer Tools;End User Computing;Front End Web & Mobile;Game Tech;IoT;
Management & Governance;Media Services;Migration & Transfer;Networking & Content Delivery;Quantum Technologies;
Robotics;Satellite;Security;Serverless;Storage;VR & AR""".replace("\n", "").split(";")
)

APN_PROGRAMS = frozenset(
    """APN Immersion Days;APN Solution Space;ATO (Authority to Operate);AWS Marketplace Campaign;
ISV Immersion Day SFID Program;IS Immersion Day SFID Program;ISV Workload Migration;Migration Acceleration Program;P3;
Partner Launch Initiative;Partner Opportunity Acceleration Funded;The Next Smart;VMware Cloud on AWS;Well-Architected;
Windows;Workspaces/AppStream Accelerator Program;WWPS NDPP""".replace("\n", "").split(";")
)

REVIEW_STATUS_REASONS = frozenset(
    (
        "Bulk Upload Response",
        "Clarify Revenue",
        "Clarify Solution",
        "Forecast Conflict",
        "Other",
        "Other - Internal Review",
    )
)

NO_SUPPORT_NEED = "Do Not Need Support from AWS Sales Rep"

REASON_CODES = frozenset(
    """InvitationAccessDenied;InvitationValidationFailed;EngagementAccessDenied;EngagementValidationFailed;
EngagementConflict;EngagementInvitationConflict;OpportunityAccessDenied;OpportunityValidationFailed;
OpportunityConflict;OpportunitySubmissionFailed;ResourceSnapshotAccessDenied;ResourceSnapshotValidationFailed;
ResourceSnapshotConflict;ResourceSnapshotJobAccessDenied;ResourceSnapshotJobValidationFailed;
ResourceSnapshotJobConflict;InternalError;ServiceQuotaExceeded;RequestThrottled;ContextNotFound;
CustomerProjectContextNotPermitted;DisqualifiedLeadNotPermitted""".replace("\n", "").split(";")
)
