"""What settings are called in the documents of the integration that this product takes the place of."""

from __future__ import annotations

from collections.abc import Mapping

SEEDS_NAMES: Mapping[str, str] = {
    "stages.*": "ENVIRONMENT",
    "stages.*.region": "AWS_REGION",
    "stages.*.partner_central.account": "PARTNER_CENTRAL_ROLE_ARN",
    "stages.*.partner_central.role_name": "PARTNER_CENTRAL_ROLE_ARN, PartnerCentralRoleArn",
    "stages.*.partner_central.external_id": "HubSpotPartnerCentralIntegration (ExternalId)",
    "stages.*.google.partner_hub_id": "GcpPartnerId",
    "stages.*.google.key": "GcpServiceAccountKey",
    "stages.*.intervals.invitations_minutes": "Invitation Poll (5 minutes)",
    "stages.*.intervals.summary_minutes": "AWS Summary Sync (60 minutes)",
    "stages.*.intervals.resources_minutes": "Resource Sync (4 hours)",
    "stages.*.intervals.notifications_minutes": "Smart Notifications (30 minutes)",
    "stages.*.intervals.engagement_minutes": "Engagement Lifecycle (30 minutes)",
    "stages.*.intervals.microsoft_minutes": "MicrosoftToHubSpotFunction (15 minutes)",
    "stages.*.intervals.google_minutes": "GcpPartnersToHubSpotFunction (15 minutes)",
    "stages.*.audit.kept_days": "7-year retention",
    "stages.*.notification_topic_arn": "NOTIFICATION_SNS_TOPIC_ARN",
    "tag": "#AWS, #Microsoft, #GCP",
    "conflict_strategy": "Resolution Strategies",
    "solutions.*": "Partner Central Solution ID",
    "solution_matching": "solution_matcher.py",
    "notifications.topic": "NOTIFICATION_SNS_TOPIC_ARN",
    "notifications.rules.opportunity_quality.threshold": "ENGAGEMENT_SCORE_THRESHOLD",
    "notifications.rules.opportunity_quality.high": "HIGH_ENGAGEMENT_SCORE",
    "notifications.high_priority_due_hours": "due dates (24 hours for high priority)",
    "fields": "mappers.py",
    "properties": "create_custom_properties()",
}
"""By key, as the table of docs/configuration.md writes it."""
