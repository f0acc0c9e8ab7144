"""A tiny CDK app with what the local cloud has to run: queues, Pipe, Express machine, functions, table, API, buses.

Run as a program with the output directory as its argument; it writes the assembly there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, Environment, RemovalPolicy, Stack, Stage, aws_apigateway, aws_cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

HERE = Path(__file__).parent


class TinyStack(Stack):
    """Everything in the home account."""

    def __init__(self, scope, construct_id, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            removal_policy=RemovalPolicy.DESTROY,
        )
        work = self._function(
            "Work", "handlers.work", {"TINY_TABLE": table.table_name, "TINY_OVERRIDE": "from the template"}
        )
        measure = self._function("Measure", "handlers.measure", {"TINY_OVERRIDE": "from the template"})
        machine, group = self._machine(work, table)
        queue, dead = self._inbox(machine)
        self._way_in(measure, dead)
        for name, value in {
            "QueueUrl": queue.queue_url,
            "DeadUrl": dead.queue_url,
            "TableName": table.table_name,
            "MachineArn": machine.state_machine_arn,
            "LogGroup": group.log_group_name,
            "WorkName": work.function_name,
            "MeasureName": measure.function_name,
        }.items():
            CfnOutput(self, name, value=value)

    def _function(self, name, handler, environment):
        code = lambda_.Code.from_asset(str(HERE / "functions"), exclude=["__pycache__"])
        layer = lambda_.LayerVersion(self, f"{name}Layer", code=lambda_.Code.from_asset(str(HERE / "layer")))
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler=handler,
            code=code,
            layers=[layer],
            environment=environment,
            timeout=Duration.seconds(1),
            memory_size=256,
        )

    def _machine(self, work, table):
        group = logs.LogGroup(self, "MachineLog", removal_policy=RemovalPolicy.DESTROY)
        machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_type=sfn.StateMachineType.EXPRESS,
            definition_body=sfn.DefinitionBody.from_file(str(HERE / "tiny.asl.json")),
            definition_substitutions={"WorkFunction": work.function_arn, "Table": table.table_name},
            logs=sfn.LogOptions(destination=group, level=sfn.LogLevel.ERROR, include_execution_data=False),
            timeout=Duration.seconds(20),
        )
        aws_cloudwatch.Alarm(
            self,
            "FailedAlarm",
            metric=machine.metric_failed(period=Duration.minutes(1)),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        return machine, group

    def _inbox(self, machine):
        dead = sqs.Queue(self, "Dead")
        queue = sqs.Queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(1),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=2),
        )
        role = iam.Role(self, "PipeRole", assumed_by=iam.ServicePrincipal("pipes.amazonaws.com"))
        pipes.CfnPipe(
            self,
            "Pipe",
            role_arn=role.role_arn,
            source=queue.queue_arn,
            target=machine.state_machine_arn,
            source_parameters={"sqsQueueParameters": {"batchSize": 1}},
            target_parameters={"stepFunctionStateMachineParameters": {"invocationType": "REQUEST_RESPONSE"}},
        )
        return queue, dead

    def _way_in(self, measure, dead):
        api = aws_apigateway.RestApi(self, "Api", deploy_options={"stage_name": "v1"})
        api.root.add_resource("hook").add_method("POST", aws_apigateway.LambdaIntegration(measure))
        CfnOutput(self, "HookUrl", value=api.url_for_path("/hook"))
        feed = sqs.Queue(
            self,
            "Feed",
            visibility_timeout=Duration.seconds(2),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=1),
        )
        measure.add_event_source(sources.SqsEventSource(feed, report_batch_item_failures=True))
        CfnOutput(self, "FeedUrl", value=feed.queue_url)
        bus = events.EventBus(self, "Home", event_bus_name="tiny-home")
        caught = sqs.Queue(self, "Caught")
        rule = events.Rule(self, "FromPartner", event_bus=bus, event_pattern={"source": ["tiny.partner"]})
        rule.add_target(targets.SqsQueue(caught))
        CfnOutput(self, "CaughtUrl", value=caught.queue_url)


class PartnerStack(Stack):
    """The other account's part: a rule that forwards to the home bus."""

    def __init__(self, scope, construct_id, *, home_bus_arn, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        home = events.EventBus.from_event_bus_arn(self, "Home", home_bus_arn)
        rule = events.Rule(self, "Forward", event_pattern={"source": ["tiny.partner"]})
        rule.add_target(targets.EventBus(home))


class TinyStage(Stage):
    """A deployment stage over two accounts and regions."""

    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        TinyStack(self, "Tiny", env=Environment(account="111111111111", region="eu-central-1"))
        PartnerStack(
            self,
            "Partner",
            home_bus_arn="arn:aws:events:eu-central-1:111111111111:event-bus/tiny-home",
            env=Environment(account="222222222222", region="us-east-1"),
        )


if __name__ == "__main__":
    app = App(outdir=sys.argv[1], analytics_reporting=False)
    TinyStage(app, "Test")
    app.synth()
