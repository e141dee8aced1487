"""What stands in the cloud is what the template says, by the cloud's own account of it."""

import json

import pytest
from release import stale


def named(template, kind, stage):
    """The resources of a type by their logical ids, with the stage in their names."""
    text = json.dumps({name: r for name, r in template["Resources"].items() if r["Type"] == kind})
    return {name: r["Properties"] for name, r in json.loads(text.replace("${Stage}", stage)).items()}


@pytest.fixture(scope="module")
def by_type(template, facts):
    return lambda kind: named(template, kind, facts["stage"])


def test_tables_have_their_keys_indexes_and_streams_and_cannot_be_deleted(by_type, cloud):
    dynamodb = cloud("dynamodb")
    tables = by_type("AWS::DynamoDB::Table")
    names = {p["TableName"]["Fn::Sub"] for p in tables.values()}
    assert len(names) == 6 and names == set(dynamodb.list_tables()["TableNames"])
    for p in tables.values():
        name = p["TableName"]["Fn::Sub"]
        found = dynamodb.describe_table(TableName=name)["Table"]
        assert found["KeySchema"] == p["KeySchema"], name
        indexes = {i["IndexName"]: (i["KeySchema"], i["Projection"]) for i in found.get("GlobalSecondaryIndexes", [])}
        written = p.get("GlobalSecondaryIndexes", [])
        assert indexes == {i["IndexName"]: (i["KeySchema"], i["Projection"]) for i in written}, name
        assert found["DeletionProtectionEnabled"] is True, name
        stream = p.get("StreamSpecification", {}).get("StreamViewType")
        assert found.get("StreamSpecification", {}).get("StreamViewType") == stream, name


def test_secrets_are_generated_and_the_keyring_holds_no_key_in_clear(by_type, cloud, facts):
    manager = cloud("secretsmanager")
    names = {p["Name"]["Fn::Sub"] for p in by_type("AWS::SecretsManager::Secret").values()}
    assert len(names) == 7 and names == {secret["Name"] for secret in manager.list_secrets()["SecretList"]}
    values = {name: manager.get_secret_value(SecretId=name)["SecretString"] for name in names}
    generated = {name: json.loads(values[name]) for name in names if "keyring" not in name}
    assert len(generated) == 3 and len({text["1"] for text in generated.values()}) == 3
    assert all(len(text["1"]) == 64 for text in generated.values())
    keyrings = {name: json.loads(values[name])["keys"] for name in names if "keyring" in name}
    known = {kid for keys in keyrings.values() for kid in keys}
    assert known == {key.split("_")[2] for key in facts["keys"].values()}
    for key in facts["keys"].values():
        assert key.split("_")[3] not in "".join(values.values())


def test_log_groups_are_encrypted_end_and_hold_no_key(by_type, cloud, facts, demo):
    demo.get("/v1/sensors")
    logs = cloud("logs")
    found = {g["logGroupName"]: g for p in logs.get_paginator("describe_log_groups").paginate() for g in p["logGroups"]}
    written = {p["LogGroupName"]["Fn::Sub"] for p in by_type("AWS::Logs::LogGroup").values()}
    assert written == found.keys()
    for name, group in found.items():
        assert group["retentionInDays"] == 90 and "kmsKeyId" in group, name
    lines = [
        event["message"]
        for name in found
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        for event in page["events"]
    ]
    assert any('"function":"list-sensors"' in line and '"status":200' in line for line in lines)
    for key in facts["keys"].values():
        assert not any(key.split("_")[3] in line for line in lines)


def test_every_function_is_there_with_its_role_and_log_group(by_type, cloud, facts):
    functions = by_type("AWS::Serverless::Function")
    pages = cloud("lambda").get_paginator("list_functions").paginate()
    found = {f["FunctionName"]: f for page in pages for f in page["Functions"]}
    assert found.keys() == {p["FunctionName"]["Fn::Sub"] for p in functions.values()}
    for name, function in found.items():
        binary = name.removeprefix(f"palisade-{facts['stage']}-")
        assert function["LoggingConfig"]["LogGroup"] == f"/palisade/{facts['stage']}/{binary}"
        assert function["TracingConfig"]["Mode"] == "Active", name
    assert len({f["Role"] for f in found.values()}) == len(found), "each function has a role of its own"


def test_alarms_queues_and_schedules_are_there(by_type, cloud, facts):
    alarms = {p["AlarmName"]["Fn::Sub"] for p in by_type("AWS::CloudWatch::Alarm").values()}
    assert alarms == {a["AlarmName"] for a in cloud("cloudwatch").describe_alarms()["MetricAlarms"]}
    queues = {url.rpartition("/")[2] for url in cloud("sqs").list_queues()["QueueUrls"]}
    assert queues == {p["QueueName"]["Fn::Sub"] for p in by_type("AWS::SQS::Queue").values()}
    mappings = cloud("lambda").list_event_source_mappings()["EventSourceMappings"]
    scheduled = [
        event["Properties"]["Schedule"]
        for p in by_type("AWS::Serverless::Function").values()
        for event in p.get("Events", {}).values()
        if event["Type"] == "Schedule"
    ]
    assert len(mappings) == 4 and all(m["State"] == "Enabled" for m in mappings)
    rules = cloud("events").list_rules()["Rules"]
    assert sorted(r["ScheduleExpression"] for r in rules) == sorted(scheduled)


def test_requests_reach_the_newest_version_and_it_is_noticed_when_they_do_not(by_type, cloud, facts):
    functions = cloud("lambda")
    gradual = [p for p in by_type("AWS::Serverless::Function").values() if "AutoPublishAlias" in p]
    assert len(gradual) == 10
    for p in gradual:
        live = functions.get_alias(FunctionName=p["FunctionName"]["Fn::Sub"], Name="live")
        assert live["FunctionVersion"] != "$LATEST"
    assert stale(functions, facts["stage"]) == []
    # What a changed parameter does to a function, where no new version comes of it.
    name = f"palisade-{facts['stage']}-predict"
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = variables | {"MODEL_MINIMUM_VERSION": "2.0.0"}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
    assert stale(functions, facts["stage"]) == [name]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    assert stale(functions, facts["stage"]) == []


def test_the_gateway_and_the_sources_call_by_the_alias(cloud, facts):
    gateway, api = cloud("apigateway"), facts["outputs"]["ApiId"]
    (authorizer,) = gateway.get_authorizers(restApiId=api)["items"]
    assert authorizer["authorizerUri"].endswith(f":palisade-{facts['stage']}-authorize:live/invocations")
    mappings = cloud("lambda").list_event_source_mappings()["EventSourceMappings"]
    called = {m["FunctionArn"].partition(":function:")[2] for m in mappings}
    names = {"detect-on-stream:live", "work-on-stream:live", "process-import:live", "notify"}
    assert called == {f"palisade-{facts['stage']}-{name}" for name in names}
