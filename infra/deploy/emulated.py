"""template.yaml as the emulator needs it: the written template with the changes below, each for a gap of the emulator.

Nothing else may differ, so that what is shown on the emulator is shown of the template.
"""

import json

from samtranslator.yaml_helper import yaml_parse


def without_rotation(template):
    """The emulator knows no `AWS::SecretsManager::RotationSchedule` and refuses the whole template."""
    del template["Resources"]["PepperRotation"]


def with_gateway_responses_of_their_own(template):
    """The emulator overlooks gateway responses inside the API's definition, where SAM writes them."""
    for kind, answer in template["Resources"]["Api"]["Properties"]["GatewayResponses"].items():
        name = "Emulated" + "".join(word.title() for word in kind.split("_")) + "Response"
        headers = answer["ResponseParameters"]["Headers"]
        template["Resources"][name] = {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResponseType": kind,
                "StatusCode": str(answer["StatusCode"]),
                "ResponseParameters": {f"gatewayresponse.header.{header}": v for header, v in headers.items()},
                "ResponseTemplates": answer["ResponseTemplates"],
            },
        }


def with_secrets_by_their_arn(template):
    """`Ref` of a secret is its name there, and a role that names it would reach nothing; on AWS both are the ARN."""
    secrets = {name for name, r in template["Resources"].items() if r["Type"] == "AWS::SecretsManager::Secret"}

    def rewrite(value):
        if isinstance(value, list):
            return [rewrite(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"Ref"} and value["Ref"] in secrets:
            return {"Fn::GetAtt": [value["Ref"], "Id"]}
        return {key: rewrite(inner) for key, inner in value.items()}

    for section in ("Resources", "Outputs"):
        template[section] = rewrite(template[section])


def without_conditions_on_what_a_request_says_to_kms(template):
    """The emulator does not tell its IAM the encryption context or the algorithm, so that these conditions would never
    hold there."""
    untold = ("kms:EncryptionContext", "kms:SigningAlgorithm")
    for role in template["Resources"].values():
        for policy in role.get("Properties", {}).get("Policies", []) if role["Type"] == "AWS::IAM::Role" else []:
            for statement in policy["PolicyDocument"]["Statement"]:
                if any(key in json.dumps(statement.get("Condition", {})) for key in untold):
                    del statement["Condition"]


def without_refusals_of_its_own_requests(template):
    """It speaks HTTP, on 127.0.0.1 alone, and its S3 does not tell its IAM of `If-None-Match`: two statements would
    refuse every request there."""
    impossible = ("aws:SecureTransport", "s3:if-none-match")
    for name, policy in list(template["Resources"].items()):
        if policy["Type"] == "AWS::S3::BucketPolicy":
            document = policy["Properties"]["PolicyDocument"]
            kept = [s for s in document["Statement"] if not any(key in json.dumps(s) for key in impossible)]
            document["Statement"] = kept
            if not kept:
                del template["Resources"][name]


def with_the_limits_of_a_route_as_it_reads_them(template):
    """In a usage plan, the emulator knows the limits of one route by the names of the API, not of the template."""
    (stage,) = template["Resources"]["UsagePlan"]["Properties"]["ApiStages"]
    for limits in stage["Throttle"].values():
        limits["rateLimit"], limits["burstLimit"] = limits.pop("RateLimit"), limits.pop("BurstLimit")


def without_moving_gradually(template):
    """The emulator knows no CodeDeploy: the aliases and their versions stay, and move at once."""
    for function in template["Resources"].values():
        if function["Type"] == "AWS::Serverless::Function":
            function["Properties"].pop("DeploymentPreference", None)


def without_sums_of_metrics(template):
    """Its alarms watch one metric each: of a sum, the last one."""
    for alarm in template["Resources"].values():
        if alarm["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in alarm["Properties"]:
            last = alarm["Properties"].pop("Metrics")[-1]["MetricStat"]
            alarm["Properties"] |= last["Metric"] | {"Statistic": last["Stat"], "Period": last["Period"]}


CHANGES = [
    without_rotation,
    with_gateway_responses_of_their_own,
    with_secrets_by_their_arn,
    without_conditions_on_what_a_request_says_to_kms,
    without_refusals_of_its_own_requests,
    with_the_limits_of_a_route_as_it_reads_them,
    without_moving_gradually,
    without_sums_of_metrics,
]


def read(path):
    # Through JSON, because YAML aliases are shared objects.
    return json.loads(json.dumps(yaml_parse(path.read_text())))


def emulated(template):
    for change in CHANGES:
        change(template)
    return template
