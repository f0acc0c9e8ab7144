"""Two stages in two accounts, one of them with Partner Central in a third, and a third stage in another region."""

from __future__ import annotations

import json
import re
from pathlib import Path

import botocore
import botocore.session

from constructs_lib.aws_functions import LOOKS
from lambdas.aws.domain.entities import KINDS
from tests.infrastructure.assembly import Assembly

ROOT = Path(__file__).resolve().parents[2]


def environments(assembly: Assembly) -> dict[str, str]:
    return {
        re.sub(r"[0-9A-F]{8}$", "", name): artifact["environment"]
        for manifest in assembly.folder.rglob("manifest.json")
        for name, artifact in json.loads(manifest.read_text())["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }


HOME_OF_AWS = ("Data", "Sync", "Aws", "DeadLetters", "Audit", "Seeing", "Api")
NAMING = {
    *("Name", "RoleName", "FunctionName", "QueueName", "BucketName", "TableName", "StateMachineName", "TopicName"),
    *("DashboardName", "LogGroupName", "AlarmName", "AliasName"),
}


def only(assembly: Assembly, kind: str, stack: str) -> dict:
    found = [one["Properties"] for _, _, one in assembly.resources(kind, stack=stack)]
    assert len(found) == 1
    return found[0]


def test_every_stack_lies_in_its_account_and_region(assembly: Assembly):
    assert environments(assembly) == {
        "devData": "aws://111111111111/eu-central-1",
        "devSync": "aws://111111111111/eu-central-1",
        "devAws": "aws://111111111111/eu-central-1",
        "devMicrosoft": "aws://111111111111/eu-central-1",
        "devGoogle": "aws://111111111111/eu-central-1",
        "devDeadLetters": "aws://111111111111/eu-central-1",
        "devAudit": "aws://111111111111/eu-central-1",
        "devSeeing": "aws://111111111111/eu-central-1",
        "devApi": "aws://111111111111/eu-central-1",
        "devPartnerCentral": "aws://333333333333/us-east-1",
        "prodData": "aws://222222222222/eu-west-1",
        "prodSync": "aws://222222222222/eu-west-1",
        "prodAws": "aws://222222222222/eu-west-1",
        "prodDeadLetters": "aws://222222222222/eu-west-1",
        "prodAudit": "aws://222222222222/eu-west-1",
        "prodSeeing": "aws://222222222222/eu-west-1",
        "prodApi": "aws://222222222222/eu-west-1",
        "prodPartnerCentral": "aws://222222222222/us-east-1",
        **{f"apac{part}": "aws://222222222222/ap-southeast-2" for part in HOME_OF_AWS},
        "apacPartnerCentral": "aws://444444444444/us-east-1",
    }


def test_no_stack_can_be_taken_for_somebody_else_s(assembly: Assembly):
    names = {
        artifact["properties"]["stackName"]
        for manifest in assembly.folder.rglob("manifest.json")
        for artifact in json.loads(manifest.read_text())["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    parts = ("data", "sync", "aws", "dead-letters", "audit", "api", "seeing", "partner-central")
    of_each = {f"cosell-{stage}-{part}" for stage in ("dev", "prod", "apac") for part in parts}
    assert names == of_each | {"cosell-dev-microsoft", "cosell-dev-google"}


GLOBAL = {
    "AWS::S3::Bucket": "anywhere",
    "AWS::IAM::Role": "in an account",
    "AWS::CloudWatch::Dashboard": "in an account",
}


def test_no_two_stages_share_a_physical_name(assembly: Assembly):
    """Two of them lie in one account: what an account, or the world, knows by name would be refused to the second."""
    where = environments(assembly)
    owners: dict[tuple[str, str, str], list[str]] = {}
    for stack, logical_id, one in assembly.resources():
        kind, place = one["Type"], where[stack[:-8]]
        account = place.removeprefix("aws://").partition("/")[0]
        reach = {"anywhere": "", "in an account": account}.get(GLOBAL.get(kind, ""), place)
        for key, name in one["Properties"].items():
            if key in NAMING and isinstance(name, str):
                owners.setdefault((kind, reach, name), []).append(f"{stack}/{logical_id}")
    kinds = {kind for kind, _, _ in owners}
    assert kinds >= {"AWS::IAM::Role", "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::SecretsManager::Secret"}
    assert {name: held for name, held in owners.items() if len(held) > 1} == {}


def test_buckets_and_tables_are_named_by_cloudformation(assembly: Assembly):
    """Their names would have to be free in the whole world, or after a restore beside the old table."""
    for stack, logical_id, one in assembly.resources("AWS::S3::Bucket", "AWS::DynamoDB::Table"):
        assert not {"BucketName", "TableName"} & set(one["Properties"]), f"{stack}/{logical_id}"


def test_the_stage_in_another_region_calls_partner_central_where_it_is_and_sends_its_events_home(assembly: Assembly):
    rule = only(assembly, "AWS::Events::Rule", "apacPartnerCentral")
    bus = "arn:aws:events:ap-southeast-2:222222222222:event-bus/cosell-apac-partner-events"
    assert [target["Arn"] for target in rule["Targets"]] == [bus]
    for _, name, one in assembly.resources(stack=("apacSync", "apacAws", "apacData")):
        other = re.findall(r"(?:us|eu)-[a-z]+-[0-9]", json.dumps(one))
        assert not other, f"{name} names {other}"


def test_nothing_is_taken_from_a_partner_s_stack(assembly: Assembly):
    """CloudFormation does not delete what another stack imports: a partner would stay for as long as the rest."""
    theirs = [template for name, template in assembly.templates.items() if re.search("Aws|Microsoft|Google", name)]
    assert len(theirs) == 5
    assert [output for each in theirs for output in each.get("Outputs", {}).values() if "Export" in output] == []


def test_only_role_and_rule_lie_in_the_linked_account(assembly: Assembly):
    types = {resource["Type"] for _, _, resource in assembly.resources(stack="PartnerCentral")}
    assert types == {"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::Events::Rule"}


def test_the_partner_central_stack_stands_alone(assembly: Assembly):
    for name, path in assembly.files.items():
        if "PartnerCentral" in name:
            assert "Fn::ImportValue" not in path.read_text()


def test_the_role_trusts_the_functions_that_take_it_by_one_pattern(assembly: Assembly):
    for stage, home in (("dev", "111111111111"), ("prod", "222222222222"), ("apac", "222222222222")):
        roles = assembly.resources("AWS::IAM::Role", stack=f"{stage}PartnerCentral")
        role = next(
            one["Properties"]
            for _, _, one in roles
            if one["Properties"].get("RoleName") == "HubSpotPartnerCentralServiceRole"
        )
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Condition"]["StringEquals"] == {"sts:ExternalId": "HubSpotPartnerCentralIntegration"}
        assert f":iam::{home}:root" in json.dumps(statement["Principal"])
        (pattern,) = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
        assert pattern == f"arn:aws:iam::{home}:role/cosell-{stage}-aws-*"
        taken = taking(assembly, stage, home)
        assert len(taken) > 20
        assert [arn for arn in taken if not arn.startswith(pattern[:-1])] == []


def taking(assembly: Assembly, stage: str, home: str) -> list[str]:
    """ARNs of the roles in the home account that may take a role elsewhere, each in its real physical name."""
    takers, roles = [], {}
    for stack in (f"{stage}Aws", f"{stage}Api"):
        takers += [
            policy["Properties"]["Roles"][0]["Ref"]
            for _, _, policy in assembly.resources("AWS::IAM::Policy", stack=stack)
            if any(one["Action"] == "sts:AssumeRole" for one in policy["Properties"]["PolicyDocument"]["Statement"])
        ]
        roles |= {name: role["Properties"] for _, name, role in assembly.resources("AWS::IAM::Role", stack=stack)}
    return sorted(f"arn:aws:iam::{home}:role/{roles[name]['RoleName']}" for name in takers)


def test_functions_take_that_role_and_no_other(assembly: Assembly):
    for stage, account in (("dev", "333333333333"), ("prod", "222222222222"), ("apac", "444444444444")):
        role = f"arn:aws:iam::{account}:role/HubSpotPartnerCentralServiceRole"
        for _, _, policy in assembly.resources("AWS::IAM::Policy", stack=(f"{stage}Sync", f"{stage}Aws")):
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                if statement["Action"] == "sts:AssumeRole":
                    assert statement["Resource"] == role
        for _, _, function in assembly.resources("AWS::Lambda::Function", stack=f"{stage}Aws"):
            variables = function["Properties"]["Environment"]["Variables"]
            assert variables.get("COSELL_PARTNER_CENTRAL_ROLE_ARN", role) == role


def test_every_partner_central_statement_is_limited_to_the_stage_s_catalog(assembly: Assembly):
    for stage, catalog, other in (("dev", "Sandbox", "AWS"), ("prod", "AWS", "Sandbox")):
        seen = 0
        for _, _, policy in assembly.resources("AWS::IAM::Policy", stack=f"{stage}PartnerCentral"):
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                if "partnercentral:" not in json.dumps(statement["Action"]):
                    continue
                seen += 1
                by_condition = statement.get("Condition", {}).get("StringEquals", {}).get("partnercentral:Catalog")
                if by_condition is None:
                    assert statement["Action"] == "partnercentral:TagResource"  # takes no catalog: limited by ARN
                    assert all(f"catalog/{catalog}/" in arn for arn in statement["Resource"])
                else:
                    assert by_condition == catalog
                assert f"catalog/{other}/" not in json.dumps(statement["Resource"])
        assert seen >= 3


MARKETPLACE = {"DescribeAgreement", "DescribeEntity", "ListEntities", "SearchAgreements"}
# AWS's pages on what a call asks for beside its own action.
ELSEWHERE = {
    "AssociateOpportunity": {f"aws-marketplace:{action}" for action in MARKETPLACE},
    "PutSellingSystemSettings": {"iam:PassRole"},
}


def test_the_role_may_do_what_our_client_calls_and_what_accepting_and_submitting_need(assembly: Assembly):
    source = "".join(path.read_text() for path in sorted((ROOT / "lambdas/aws/adapters").glob("*.py")))
    operations = set(botocore.session.get_session().get_service_model("partnercentral-selling").operation_names)
    called = {one for one in operations if f'"{botocore.xform_name(one)}"' in source}
    accepting = {  # AWS's page on StartEngagementByAcceptingInvitationTask
        *("AcceptEngagementInvitation", "GetEngagementInvitation", "GetOpportunity", "CreateOpportunity"),
        *("CreateResourceSnapshot", "CreateResourceSnapshotJob", "StartResourceSnapshotJob", "SubmitOpportunity"),
        "TagResource",
    }
    submitting = {"CreateEngagement", "CreateEngagementInvitation"}  # the page on StartEngagementFromOpportunityTask
    allowed = {
        action.removeprefix("partnercentral:")
        for _, name, policy in assembly.resources("AWS::IAM::Policy", stack="prodPartnerCentral")
        if name.startswith("LinkRole")  # the other is that of the rule which forwards
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert any(kind.startswith("AwsMarketplace") for kind in KINDS), "else the client would need nothing of Marketplace"
    elsewhere = {action for operation in called for action in ELSEWHERE.get(operation, ())}
    assert allowed == called | accepting | submitting | elsewhere


def test_events_of_the_catalog_are_forwarded_to_the_home_bus_and_let_in_there(assembly: Assembly):
    rule = only(assembly, "AWS::Events::Rule", "devPartnerCentral")
    patterns = [
        one["Properties"]["EventPattern"]
        for _, _, one in assembly.resources("AWS::Events::Rule", stack=("devSync", "devAws"))
    ]
    used = list(dict.fromkeys(kind for pattern in patterns for kind in pattern["detail-type"]))
    assert used
    assert {**rule["EventPattern"], "detail-type": sorted(rule["EventPattern"]["detail-type"])} == {
        "source": ["aws.partnercentral-selling"],
        "detail-type": sorted(used),
        "detail": {"catalog": ["Sandbox"]},
    }
    assert "EventBusName" not in rule  # the default bus: Partner Central's events arrive nowhere else
    bus = "arn:aws:events:eu-central-1:111111111111:event-bus/cosell-dev-partner-events"
    assert [target["Arn"] for target in rule["Targets"]] == [bus]
    names = [one["Properties"]["Name"] for _, _, one in assembly.resources("AWS::Events::EventBus", stack="devData")]
    assert bus.rpartition("/")[2] in names
    policy = only(assembly, "AWS::Events::EventBusPolicy", "devData")
    assert ":iam::333333333333:root" in json.dumps(policy["Statement"]["Principal"])
    assert policy["Statement"]["Condition"] == {
        "ForAllValues:StringEquals": {"events:source": ["aws.partnercentral-selling"]}
    }


def test_a_stage_that_is_its_own_linked_account_opens_its_bus_to_nobody(assembly: Assembly):
    assert assembly.resources("AWS::Events::EventBusPolicy", stack="prodData") == []


def test_the_operator_s_api_waits_for_the_role_of_the_logs(assembly: Assembly):
    """API Gateway refuses a stage with logs in an account without that role, which the webhook's API sets."""
    (path,) = assembly.folder.glob("assembly-prod/manifest.json")
    artifacts = json.loads(path.read_text())["artifacts"]
    names = {name[:-8]: name for name in artifacts}
    assert names["prodSync"] in artifacts[names["prodApi"]]["dependencies"]
    accounts = [stack[:-8] for stack, _, _ in assembly.resources("AWS::ApiGateway::Account", stack="prod")]
    assert accounts == ["prodSync"]


def test_the_webhook_has_one_address_and_one_for_each_partner(assembly: Assembly):
    for name, template in assembly.templates.items():
        if "Sync" in name:
            urls = {
                key: json.dumps(one["Value"])
                for key, one in template["Outputs"].items()
                if key.startswith("WebhookUrl")
            }
            partners = {"Aws", "Microsoft", "Google"} if name.startswith("dev") else {"Aws"}
            assert set(urls) == {"WebhookUrl", *(f"WebhookUrl{each}" for each in partners)}
            assert urls["WebhookUrl"].endswith('/webhook/hubspot"]]}')
            assert urls["WebhookUrlAws"].endswith('/webhook/hubspot/aws"]]}')


def test_the_api_is_regional_and_speaks_tls_12_or_newer(assembly: Assembly):
    for stage in ("dev", "prod"):
        api = only(assembly, "AWS::ApiGateway::RestApi", f"{stage}Sync")
        assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
        assert api["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PQ_2025_09"


def test_access_logs_name_no_person(assembly: Assembly):
    stage = only(assembly, "AWS::ApiGateway::Stage", "prodSync")
    text = stage["AccessLogSetting"]["Format"]
    assert not re.search(r"sourceIp|userAgent|caller|identity|body|requestParam|header", text)
    assert all(not one["DataTraceEnabled"] for one in stage["MethodSettings"])


def test_what_the_api_logs_of_itself_ends_as_well(assembly: Assembly):
    """API Gateway writes errors to a group whose name it chooses, made by it without an end unless it is there."""
    ((_, api, _),) = assembly.resources("AWS::ApiGateway::RestApi", stack="prodSync")
    groups = {
        json.dumps(one["Properties"].get("LogGroupName")): (name, one["Properties"]["RetentionInDays"])
        for _, name, one in assembly.resources("AWS::Logs::LogGroup", stack="prodSync")
    }
    wanted = {"Fn::Join": ["", ["API-Gateway-Execution-Logs_", {"Ref": api}, "/v1"]]}
    name, days = groups[json.dumps(wanted)]
    assert days == 30
    ((_, _, stage),) = assembly.resources("AWS::ApiGateway::Stage", stack="prodSync")
    assert name in stage["DependsOn"]


def test_prod_is_protected(assembly: Assembly):
    tables = assembly.resources("AWS::DynamoDB::Table", stack="prodData")
    assert len(tables) == 3
    for _, name, table in tables:
        assert table["Properties"]["DeletionProtectionEnabled"] is True, name
        assert table["DeletionPolicy"] == "Retain", name
    secrets = assembly.resources("AWS::SecretsManager::Secret", stack="prodData")
    assert len(secrets) == 2
    for _, name, secret in secrets:
        assert secret["UpdateReplacePolicy"] == "Retain", name
    for manifest in assembly.folder.rglob("manifest.json"):
        for name, artifact in json.loads(manifest.read_text())["artifacts"].items():
            if artifact["type"] == "aws:cloudformation:stack":
                protected = artifact["properties"].get("terminationProtection", False)
                assert protected is name.startswith(("prod", "apac")), name


def test_what_a_failed_first_deployment_made_is_not_in_the_way_of_the_next(assembly: Assembly):
    """With ``Retain`` it would stay, and a secret's name be taken. A table that is protected against deletion could not
    be deleted in the rollback, which would fail; it has no name of ours."""
    seen: set[str] = set()
    for stack, name, one in assembly.resources(stack=("prodData", "prodAudit", "devData", "devAudit")):
        kept = one.get("DeletionPolicy", "Delete")
        if not kept.startswith("Retain"):
            continue
        seen.add(one["Type"])
        protected = one["Properties"].get("DeletionProtectionEnabled", False)
        assert kept == ("Retain" if protected else "RetainExceptOnCreate"), f"{stack}/{name}"
        assert one["UpdateReplacePolicy"] == "Retain", f"{stack}/{name}"
        assert not protected or not NAMING & set(one["Properties"]), f"{stack}/{name}"
    secret, key = "AWS::SecretsManager::Secret", "AWS::KMS::Key"
    assert seen == {secret, key, "AWS::DynamoDB::Table", "AWS::S3::Bucket"}


def test_every_table_can_be_put_back_and_the_audit_table_is_retained_everywhere(assembly: Assembly):
    for stack, name, table in assembly.resources("AWS::DynamoDB::Table"):
        properties = table["Properties"]
        recovery = properties["PointInTimeRecoverySpecification"]
        assert recovery["PointInTimeRecoveryEnabled"] is True, f"{stack}/{name}"
        assert properties["BillingMode"] == "PAY_PER_REQUEST", f"{stack}/{name}"
        if "Audit" in name:
            assert table["DeletionPolicy"].startswith("Retain")
            assert table["UpdateReplacePolicy"] == "Retain"
        if "Runs" in name:
            assert recovery["RecoveryPeriodInDays"] == 1


def test_what_is_written_with_an_end_comes_to_it(assembly: Assembly):
    """Adapters write ``expires_at`` (a day, 30 days, seven years): without TTL on the table nothing would ever go."""
    for stack, name, table in assembly.resources("AWS::DynamoDB::Table"):
        ttl = table["Properties"]["TimeToLiveSpecification"]
        assert ttl == {"AttributeName": "expires_at", "Enabled": True}, f"{stack}/{name}"


EVERY = {
    "summary": "rate(1 hour)",
    "notifications": "rate(30 minutes)",
    "resources": "rate(4 hours)",
    "engagement": "rate(30 minutes)",
}


def test_polls_come_as_often_as_configured(assembly: Assembly):
    schedules = {
        json.loads(json.dumps(one["Properties"]["Target"]["Input"])).split('"poll":"')[1].split('"')[0]: one[
            "Properties"
        ]["ScheduleExpression"]
        for _, _, one in assembly.resources("AWS::Scheduler::Schedule", stack=("prodSync", "prodAws"))
    }
    assert schedules == {
        "hubspot.deals": "rate(15 minutes)",
        "ledger.census": "rate(1 hour)",
        "aws.opportunities": "rate(5 minutes)",
        "aws.invitations": "rate(5 minutes)",
        "aws.due": "rate(1 minute)",
        "dead-letters.due": "rate(1 minute)",
        "dead-letters.tell": "rate(1 minute)",
        "aws.solutions": "rate(1 day)",
        "aws.settings": "rate(1 day)",
        **{f"aws.{kind}": EVERY[kind] for kind in LOOKS},
    }


def test_the_empty_secrets_never_change(assembly: Assembly):
    """A change of what is generated replaces the value, and with it the token that an operator has filled in."""
    generated = [
        one["Properties"]["GenerateSecretString"]
        for _, _, one in assembly.resources("AWS::SecretsManager::Secret", stack="prodData")
    ]
    assert generated == [
        {"GenerateStringKey": "unused", "SecretStringTemplate": '{"access_token": ""}'},
        {"GenerateStringKey": "unused", "SecretStringTemplate": '{"client_secrets": [], "target_urls": []}'},
    ]
