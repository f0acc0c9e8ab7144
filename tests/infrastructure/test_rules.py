"""What no template of ours may do, whatever else changes."""

from __future__ import annotations

import json
import re

from constructs_lib.partner_central_link import SNAPSHOT_JOB_SERVICE
from tests.infrastructure.assembly import Assembly, named
from tests.infrastructure.conftest import STAGES

# Actions that know no resource; everything else is named one by one.
RESOURCELESS = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def statements(assembly: Assembly):
    for stack, logical_id, resource in assembly.resources("AWS::IAM::Policy", "AWS::IAM::Role"):
        documents = [resource["Properties"].get("PolicyDocument")]
        documents += [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", ())]
        for document in filter(None, documents):
            for statement in document["Statement"]:
                yield f"{stack}/{logical_id}", statement


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def test_the_rule_packs_ran_and_nothing_is_left_unacknowledged(assembly: Assembly):
    findings = [
        (report["pluginName"], violation["ruleName"], construct.get("constructPath"))
        for report in assembly.report["pluginReports"]
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    ]
    assert findings == []


def test_no_policy_allows_every_action(assembly: Assembly):
    for where, statement in statements(assembly):
        for action in listed(statement["Action"]):
            assert "*" not in action, f"{where}: {action}"


def test_only_actions_that_know_no_resource_are_allowed_on_all(assembly: Assembly):
    for where, statement in statements(assembly):
        if "*" not in listed(statement["Resource"]):
            continue
        if statement.get("Sid") == "Marketplace":  # these know resources, but which there will be nobody knows before
            assert "PartnerCentral" in where
            assert all(re.match(r"aws-marketplace:(Describe|List|Search)", one) for one in listed(statement["Action"]))
        elif all(action.startswith("partnercentral:") for action in listed(statement["Action"])):
            assert statement["Condition"]["StringEquals"]["partnercentral:Catalog"] in {"AWS", "Sandbox"}, where
        else:
            assert set(listed(statement["Action"])) <= RESOURCELESS, where


def test_a_function_may_use_every_queue_and_table_that_its_environment_names(assembly: Assembly):
    """The local cloud asks no role: a URL without leave to send would only be found at the vendor's first outage."""
    for stack, logical_id, function in assembly.resources("AWS::Lambda::Function"):
        role = function["Properties"]["Role"]["Fn::GetAtt"][0]
        allowed = [
            (action, named(resource))
            for _, _, policy in assembly.resources("AWS::IAM::Policy", stack=stack)
            if {"Ref": role} in policy["Properties"]["Roles"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            for action in listed(statement["Action"])
            for resource in listed(statement["Resource"])
            if isinstance(resource, dict)
        ]
        for name, value in function["Properties"]["Environment"]["Variables"].items():
            if name.startswith("COSELL_") and name.endswith("_URL") and name != "COSELL_HUBSPOT_API_URL":
                assert ("sqs:SendMessage", named(value)) in allowed, f"{stack}/{logical_id}: {name}"
            if name.endswith("_TABLE"):
                table = named(value)
                reached = [where for action, where in allowed if action.startswith("dynamodb:")]
                assert table in reached or f"{table}/index" in reached, f"{logical_id}: {name}"


def test_every_queue_is_tls_only(assembly: Assembly):
    for stack, logical_id, _ in assembly.resources("AWS::SQS::Queue"):
        policies = [
            statement
            for _, _, policy in assembly.resources("AWS::SQS::QueuePolicy", stack=stack)
            if {"Ref": logical_id} in policy["Properties"]["Queues"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]
        assert any(
            statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policies
        ), f"{stack}/{logical_id}"


def test_every_queue_has_a_dead_letter_queue_or_is_one_that_is_recorded_or_watched(assembly: Assembly):
    queues = assembly.resources("AWS::SQS::Queue")
    targets = {
        (stack, queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0])
        for stack, _, queue in queues
        if "RedrivePolicy" in queue["Properties"]
    }
    piped = {
        assembly.owner(stack, pipe["Properties"]["Source"]) for stack, _, pipe in assembly.resources("AWS::Pipes::Pipe")
    }
    for stack, logical_id, queue in queues:
        if "RedrivePolicy" not in queue["Properties"]:
            if "Undelivered" in logical_id:
                assert {"Fn::GetAtt": [logical_id, "QueueName"]} in watched(assembly, stack)
                continue
            assert (stack, logical_id) in targets, f"{stack}/{logical_id} has no dead letter queue"
            assert (stack, logical_id) in piped, f"dead letters of {stack}/{logical_id} are not recorded"


def watched(assembly: Assembly, stack: str) -> list:
    """What alarms on the number of visible messages look at."""
    return [
        alarm["Properties"]["Dimensions"][0]["Value"]
        for _, _, alarm in assembly.resources("AWS::CloudWatch::Alarm", stack=stack)
        if alarm["Properties"].get("MetricName") == "ApproximateNumberOfMessagesVisible"
    ]


def test_no_event_ends_where_only_notices_are_replayed(assembly: Assembly):
    """A rule's dead letter is the partner's event as it came; the router does not read it: a replay was for nothing."""
    recorded = {
        assembly.owner(stack, pipe["Properties"]["Source"])[1]
        for stack, _, pipe in assembly.resources("AWS::Pipes::Pipe")
    }
    rules = assembly.resources("AWS::Events::Rule", stack=("Sync", "Aws"))
    assert {stack[:-8] for stack, _, _ in rules} == {f"{stage}{part}" for stage in STAGES for part in ("Sync", "Aws")}
    for _, logical_id, rule in rules:
        for target in rule["Properties"]["Targets"]:
            arn = target["DeadLetterConfig"]["Arn"]
            queue = named(arn["Fn::Join"][1][-1] if "Fn::Join" in arn else arn).removesuffix("QueueName")
            assert queue in recorded, f"{logical_id}: what it cannot deliver is on no record"
            assert "Undelivered" in queue, f"{logical_id}: an event among messages"


def test_the_router_s_queue_takes_undelivered_events_from_rules_of_our_bus_and_no_others(assembly: Assembly):
    for stage in ("dev", "prod"):
        (allowed,) = [
            [one for one in policy["Properties"]["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
            for _, name, policy in assembly.resources("AWS::SQS::QueuePolicy", stack=f"{stage}Sync")
            if "Undelivered" in name
        ]
        assert {json.dumps(one["Principal"]) for one in allowed} == {'{"Service": "events.amazonaws.com"}'}
        sources = [one["Condition"]["ArnLike"]["aws:SourceArn"] for one in allowed if "ArnLike" in one["Condition"]]
        (parts,) = [one["Fn::Join"][1] for one in sources]
        assert named(parts[-2]).startswith("PartnerEventsBus"), parts
        assert parts[-1] == "/*"
    for stack, logical_id, machine in recorders(assembly):
        parts = machine["Properties"]["DefinitionSubstitutions"]
        assert parts["QueueName"].endswith("-undelivered") is (parts["SourceQueueUrl"] == "none"), (
            f"{stack}/{logical_id}"
        )


def recorders(assembly: Assembly, stage: str = ""):
    """The machines that put dead letters on record."""
    return [
        (stack, name, machine)
        for stack, name, machine in assembly.resources("AWS::StepFunctions::StateMachine", stack=stage)
        if machine["Properties"]["StateMachineName"].endswith("-dead-letters")
    ]


def test_the_sweep_may_send_to_every_queue_whose_letters_it_wakes_and_to_no_other(assembly: Assembly):
    for stage in ("dev", "prod"):
        woken = {
            machine["Properties"]["DefinitionSubstitutions"]["QueueName"]
            for _, _, machine in recorders(assembly, stage)
        }
        woken = {name for name in woken if name != "polls" and not name.endswith("-undelivered")}
        (policy,) = [
            one["Properties"]["PolicyDocument"]["Statement"]
            for _, name, one in assembly.resources("AWS::IAM::Policy", stack=f"{stage}Sync")
            if name.startswith("SweepDeadLetters")
        ]
        queues = [
            named(resource)
            for statement in policy
            if statement["Action"] == "sqs:SendMessage"
            for resource in listed(statement["Resource"])
        ]
        assert len(set(queues)) == len(queues) == len(woken) >= 8, queues
        assert not [one for one in queues if "PollQueue" in one or "DeadLetter" in one]


def test_a_dead_letter_keeps_a_week_whatever_time_it_spent_before(assembly: Assembly):
    """Its age counts from when it was first sent: with equal times it could be gone before it is on record."""
    day = 24 * 3600
    for stack, logical_id, queue in assembly.resources("AWS::SQS::Queue"):
        kept = queue["Properties"]["MessageRetentionPeriod"]
        assert kept == (7 if "RedrivePolicy" in queue["Properties"] else 14) * day, f"{stack}/{logical_id}"


def test_a_message_stays_away_longer_than_an_execution_can_last(assembly: Assembly):
    for stack, logical_id, queue in assembly.resources("AWS::SQS::Queue"):
        assert queue["Properties"]["VisibilityTimeout"] > 300, f"{stack}/{logical_id}"


def test_every_pipe_hands_over_one_message_and_waits(assembly: Assembly):
    pipes = assembly.resources("AWS::Pipes::Pipe")
    assert pipes
    for stack, logical_id, pipe in pipes:
        properties = pipe["Properties"]
        assert properties["SourceParameters"]["SqsQueueParameters"]["BatchSize"] == 1, f"{stack}/{logical_id}"
        target = properties["TargetParameters"]["StepFunctionStateMachineParameters"]
        assert target["InvocationType"] == "REQUEST_RESPONSE", f"{stack}/{logical_id}"


def test_machines_are_express_traced_and_logged_and_dead_letters_bodies_are_not(assembly: Assembly):
    for stack, logical_id, machine in assembly.resources("AWS::StepFunctions::StateMachine"):
        properties = machine["Properties"]
        assert properties["StateMachineType"] == "EXPRESS", logical_id
        assert properties["TracingConfiguration"] == {"Enabled": True}, logical_id
        logging = properties["LoggingConfiguration"]
        assert logging["Level"] == "ALL", logical_id
        assert logging["IncludeExecutionData"] is ("dead-letters" not in properties["StateMachineName"]), (
            f"{stack}/{logical_id}"
        )


def test_functions_are_small_and_reserve_no_concurrency(assembly: Assembly):
    for _, logical_id, function in assembly.resources("AWS::Lambda::Function"):
        properties = function["Properties"]
        assert properties["Architectures"] == ["arm64"], logical_id
        assert properties["Runtime"] == "python3.13", logical_id
        # Verifying a signature is arithmetic, and somebody waits for the answer.
        assert properties["MemorySize"] == (512 if "Webhook" in logical_id else 256), logical_id
        assert properties["LoggingConfig"]["LogFormat"] == "JSON", logical_id
        assert properties["TracingConfig"] == {"Mode": "Active"}, logical_id
        assert "ReservedConcurrentExecutions" not in properties, logical_id


def test_every_function_has_a_role_and_a_log_group_of_its_own(assembly: Assembly):
    functions = assembly.resources("AWS::Lambda::Function")
    for part in (lambda one: one["Role"], lambda one: one["LoggingConfig"]["LogGroup"]):
        used = [(stack, json.dumps(part(function["Properties"]))) for stack, _, function in functions]
        assert len(set(used)) == len(functions)
    for _, logical_id, group in assembly.resources("AWS::Logs::LogGroup"):
        assert group["Properties"]["RetentionInDays"] == 30, logical_id


def test_nothing_needs_a_custom_resource_or_a_container(assembly: Assembly):
    for stack, logical_id, resource in assembly.resources():
        assert not resource["Type"].startswith("Custom::"), f"{stack}/{logical_id}"
        assert resource["Type"] != "AWS::CloudFormation::CustomResource", f"{stack}/{logical_id}"
        assert resource["Properties"].get("PackageType") != "Image" if "Properties" in resource else True


def test_no_secret_value_stands_in_a_template(assembly: Assembly):
    for name, path in assembly.files.items():
        text = path.read_text()
        assert not re.search(r"pat-(na|eu)\d|\"client_secrets\": \[\"", text), name
        assert "{{resolve:secretsmanager" not in text, name


def test_environment_variables_name_resources_only(assembly: Assembly):
    allowed = re.compile(r"^(COSELL_[A-Z_]+|POWERTOOLS_(SERVICE_NAME|METRICS_NAMESPACE|LOG_LEVEL))$")
    for _, logical_id, function in assembly.resources("AWS::Lambda::Function"):
        for name in function["Properties"]["Environment"]["Variables"]:
            assert allowed.match(name), f"{logical_id}: {name}"


def test_cloudwatch_may_publish_to_the_topic_and_use_its_key(assembly: Assembly):
    for stage in ("dev", "prod"):
        topics = [one["Properties"] for _, _, one in assembly.resources("AWS::SNS::TopicPolicy", stack=f"{stage}Data")]
        keys = [one["Properties"] for _, _, one in assembly.resources("AWS::KMS::Key", stack=f"{stage}Data")]
        for documents, action in (
            ([topic["PolicyDocument"] for topic in topics], "sns:Publish"),
            ([key["KeyPolicy"] for key in keys], "kms:GenerateDataKey"),
        ):
            assert any(
                action in listed(statement["Action"])
                for document in documents
                for statement in document["Statement"]
                if statement["Effect"] == "Allow" and statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            )


def test_alarms_tell_the_topic(assembly: Assembly):
    for stack in ("dev", "prod"):
        alarms = [one["Properties"] for _, _, one in assembly.resources("AWS::CloudWatch::Alarm", stack=stack)]
        assert all(alarm["AlarmActions"] for alarm in alarms)
        by_silence = {one.get("MetricName") for one in alarms if one["TreatMissingData"] != "notBreaching"}
        constant = {"AuditSealed", "DeadLettersSwept", "ExecutionsStarted"}
        assert by_silence == constant, "only what has to come all the time is missed"
        watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms if "Metrics" not in alarm}
        assert watched >= {
            ("AWS/States", "ExecutionsStarted"),
            ("AWS/States", "ExecutionsFailed"),
            ("AWS/States", "ExecutionsTimedOut"),
            ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
            ("AWS/ApiGateway", "5XXError"),
            ("CosellSync", "SignatureRejected"),
            ("CosellSync", "Quarantined"),
            ("CosellSync", "Unauthorized"),
            ("CosellSync", "DeadLettersPermanent"),
        }


def test_dead_letters_are_missed_on_record_while_a_recorder_holds_them_too(assembly: Assembly):
    """One that cannot be recorded is in flight for six minutes of every six: the visible ones do not show it."""
    alarms = [
        (name, one["Properties"])
        for _, name, one in assembly.resources("AWS::CloudWatch::Alarm", stack="dev")
        if "NotRecorded" in name
    ]
    pipes = [name for _, name, _ in assembly.resources("AWS::Pipes::Pipe", stack="dev") if "DeadLetters" in name]
    of_messages = [name for name in pipes if "Undelivered" not in name]
    assert len(pipes) - len(of_messages) == 2, "events that rules could not deliver: the router's and the topic's"
    assert len(alarms) == len(of_messages) >= 6, "notices, polls, invitations, three inboxes and what AWS has beside"
    for name, alarm in alarms:
        (whole,) = [each for each in alarm["Metrics"] if "Expression" in each]
        parts = {each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each}
        assert whole["Expression"] == "visible + in_flight", name
        assert parts["visible"]["Metric"]["MetricName"] == "ApproximateNumberOfMessagesVisible", name
        assert parts["in_flight"]["Metric"]["MetricName"] == "ApproximateNumberOfMessagesNotVisible", name
        assert {each["Period"] for each in parts.values()} == {60}, name
        assert (alarm["EvaluationPeriods"], alarm["Threshold"]) == (15, 1), name


def test_a_service_takes_our_roles_for_our_account_only(assembly: Assembly):
    """Lambda and API Gateway do not say for whom: they take a role only where it may be passed to them."""
    silent = {"lambda.amazonaws.com", "apigateway.amazonaws.com"}
    for stack, logical_id, role in assembly.resources("AWS::IAM::Role"):
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            service = statement["Principal"].get("Service")
            if service is not None and service not in silent:
                # Whether snapshot jobs say for whom they act is not documented: held to it where they do.
                unsaid = service == SNAPSHOT_JOB_SERVICE
                operator = "StringEqualsIfExists" if unsaid else "StringEquals"
                assert "aws:SourceAccount" in statement["Condition"][operator], f"{stack}/{logical_id}"


def test_refused_credentials_stay_an_alarm_until_an_hour_passed_without(assembly: Assembly):
    """Refused links come again every quarter of an hour: an alarm of one period would end and begin each time."""
    for stack in ("devSync", "prodSync"):
        (alarm,) = [
            one["Properties"]
            for _, name, one in assembly.resources("AWS::CloudWatch::Alarm", stack=stack)
            if "Unauthorized" in name
        ]
        assert alarm["DatapointsToAlarm"] == 1
        assert alarm["EvaluationPeriods"] * alarm["Period"] == 3600
