"""What must be true of the transformed template.

Each check takes the template and returns the violations it finds, as sentences. `test_template.py` expects none in the
real template; `test_negative_controls.py` breaks the template on purpose and expects the check to notice.
"""

import json
import re

from dashboard import dashboard_shows_what_there_is
from expected import (
    ACTIONS,
    ALARMS,
    ENVIRONMENT,
    GATEWAY_HEADERS,
    GATEWAY_RESPONSES,
    GRADUAL,
    KEY_SETS,
    KEYRING,
    PUBLIC,
    RELEASE_ALARMS,
    ROUTES,
    SECRET_NAMES,
    TABLE_KEYS,
)
from reading import (
    ALIAS,
    authorizer,
    called,
    is_retained,
    listed,
    operations,
    properties,
    references,
    resources,
    rest_api,
    role_of,
    stage,
    statements,
    substituted,
)

# --- The API ----------------------------------------------------------------------------------------------------


def routes_are_the_known_ones(template):
    found = {}
    for method, path, operation in operations(template):
        functions = called(template, operation["x-amazon-apigateway-integration"]["uri"])
        found[(method, path)] = next(iter(functions)) if len(functions) == 1 else functions
    return [
        f"{method} {path} goes to {found.get((method, path))}, not to {ROUTES.get((method, path))}"
        for method, path in sorted(found.keys() | ROUTES.keys())
        if found.get((method, path)) != ROUTES.get((method, path))
    ]


def routes_have_the_authorizer(template):
    problems = []
    for method, path, operation in operations(template):
        schemes = {name for entry in operation.get("security", []) for name in entry}
        if method == "OPTIONS" or (method, path) in PUBLIC:
            if schemes:
                problems.append(f"{method} {path} is public and asks for {sorted(schemes)}")
        elif schemes != {"Authorize", "api_key"}:
            problems.append(f"{method} {path} needs the authorizer and the usage plan and has {sorted(schemes)}")
    return problems


def authorizer_is_asked_every_time_and_keyed(template):
    problems = []
    definition = authorizer(template)
    if definition.get("type") != "request":
        problems.append("the authorizer does not see the request")
    # An answer that is remembered by less than the whole credential would let others in with it.
    if definition.get("authorizerResultTtlInSeconds") != 0:
        problems.append(f"the authorizer's answer is kept {definition.get('authorizerResultTtlInSeconds')} s, not 0")
    if definition.get("identitySource"):
        problems.append(f"a request without {definition.get('identitySource')} never reaches the authorizer")
    if called(template, definition["authorizerUri"]) != {"AuthorizeFunction"}:
        problems.append("the authorizer is not AuthorizeFunction")
    source = properties(template, "Api").get("ApiKeySourceType")
    if source != "AUTHORIZER":
        problems.append(f"the usage identifier comes from {source}, not from the authorizer")
    return problems


def api_speaks_modern_tls_and_leaves_bodies_alone(template):
    api = properties(template, "Api")
    problems = []
    if (
        not str(api.get("SecurityPolicy")).startswith("SecurityPolicy_TLS13")
        or api.get("EndpointAccessMode") != "STRICT"
    ):
        problems.append("the API accepts old TLS or a foreign host name")
    if api.get("EndpointConfiguration") != {"Types": ["REGIONAL"]}:
        problems.append("the API is not regional")
    if "MinimumCompressionSize" in api or "BinaryMediaTypes" in api:
        problems.append("API Gateway changes bodies")
    return problems


def routes_are_throttled(template):
    settings = {(s["ResourcePath"], s["HttpMethod"]): s for s in stage(template)["MethodSettings"]}
    problems = []
    for route, parameter in {("/*", "*"): "Default", ("/~1v1~1predict", "POST"): "Predict"}.items():
        setting = settings.get(route, {})
        for limit in ["RateLimit", "BurstLimit"]:
            if setting.get(f"Throttling{limit}") != {"Ref": f"{parameter}{limit}"}:
                problems.append(f"{route} has no {limit} by parameter")
        if setting.get("MetricsEnabled") is not True:
            problems.append(f"{route} is not measured")
    return problems


def each_key_is_throttled(template):
    plan = properties(template, "UsagePlan")
    (api_stage,) = plan["ApiStages"]
    problems = []
    if references(api_stage["ApiId"]) != {"Api"} or references(api_stage["Stage"]) != {"ApiStage"}:
        problems.append("the usage plan does not cover the API's stage")
    if plan.get("Throttle") != {"RateLimit": {"Ref": "KeyRateLimit"}, "BurstLimit": {"Ref": "KeyBurstLimit"}}:
        problems.append("the usage plan does not throttle a key")
    predict = {"RateLimit": {"Ref": "KeyPredictRateLimit"}, "BurstLimit": {"Ref": "KeyPredictBurstLimit"}}
    if api_stage.get("Throttle") != {"/v1/predict/POST": predict}:
        problems.append("the usage plan does not throttle a key's predictions")
    return problems


def gateway_logs_hold_no_request(template):
    problems = []
    for setting in stage(template)["MethodSettings"]:
        if setting.get("DataTraceEnabled") is not False or setting.get("LoggingLevel") != "OFF":
            problems.append(f"{setting['ResourcePath']} writes execution logs, which hold requests")
    access = stage(template)["AccessLogSetting"]
    if references(access["DestinationArn"]) != {"AccessLogs"}:
        problems.append("access lines do not go to the access log group")
    try:
        line = json.loads(access["Format"])
    except json.JSONDecodeError:
        return [*problems, "an access line is not JSON"]
    for name, value in line.items():
        # The key, its usage identifier, and whatever a client may have put into a path, a query, a header or a body.
        if re.search(
            r"apiKey|input|header|body|query|\$context\.path"
            r"|\$context\.authorizer\.(?!(principalId|status|latency|requestId)$)",
            value,
            re.IGNORECASE,
        ):
            problems.append(f"the access line's {name} may hold a key or a datum of the client")
    return problems


def gateway_answers_are_problems(template):
    found = rest_api(template)["x-amazon-apigateway-gateway-responses"]
    problems = [
        f"{kind} is {'missing' if kind in GATEWAY_RESPONSES else 'unknown'}"
        for kind in found.keys() ^ GATEWAY_RESPONSES.keys()
    ]
    for kind in found.keys() & GATEWAY_RESPONSES.keys():
        status, code = GATEWAY_RESPONSES[kind]
        answer = found[kind]
        headers = {name.removeprefix("gatewayresponse.header."): v for name, v in answer["responseParameters"].items()}
        retry_after = headers.pop("Retry-After", None)
        challenge = headers.pop("WWW-Authenticate", None)
        if (challenge is not None) != (status == 401):
            problems.append(f"{kind} names {'a' if challenge else 'no'} way to authenticate")
        if headers != GATEWAY_HEADERS:
            problems.append(f"{kind} has other headers: {headers}")
        if (status in (429, 503)) != bool(retry_after and re.fullmatch(r"'[1-9][0-9]*'", retry_after)):
            problems.append(f"{kind} says Retry-After {retry_after}")
        if list(answer["responseTemplates"]) != ["application/json"]:
            problems.append(f"{kind} has no single body")
            continue
        body = json.loads(answer["responseTemplates"]["application/json"])
        if list(body) != ["type", "title", "status", "detail", "instance", "code"]:
            problems.append(f"{kind} is not a problem: {list(body)}")
        elif (str(status), status, code) != (str(answer["statusCode"]), body["status"], body["code"]):
            problems.append(f"{kind} answers {answer['statusCode']} and says {body['status']} {body['code']}")
        elif body["instance"] != "$context.requestId" or "$" in body["title"] + body["detail"] + body["type"]:
            problems.append(f"{kind} passes on more than the request id")
    return problems


def web_acl_is_optional_and_counts_addresses(template):
    problems = []
    for name in ["WebAcl", "WebAclAssociation"]:
        if template["Resources"][name].get("Condition") != "WafEnabled":
            problems.append(f"{name} is not optional")
    (rule,) = properties(template, "WebAcl")["Rules"]
    rate = rule["Statement"].get("RateBasedStatement", {})
    if (
        rate.get("AggregateKeyType") != "IP"
        or rate.get("Limit") != {"Ref": "WafRateLimit"}
        or "Block" not in rule["Action"]
    ):
        problems.append("the web ACL does not stop an address above its rate")
    if rule["VisibilityConfig"]["SampledRequestsEnabled"] is not False:
        problems.append("the web ACL keeps samples of requests, keys included")
    return problems


# --- The functions ----------------------------------------------------------------------------------------------


def functions_are_native_and_bounded(template):
    problems = []
    for name, function in resources(template, "AWS::Lambda::Function").items():
        p = function["Properties"]
        if (p["Runtime"], p["Handler"], p["Architectures"]) != (
            "provided.al2023",
            "bootstrap",
            [{"Ref": "Architecture"}],
        ):
            problems.append(f"{name} is not a bootstrap of the chosen architecture")
        patience = 28 if name in answerers(template) else 60
        if not 0 < p["Timeout"] <= patience:
            problems.append(f"{name} may outlive API Gateway's patience")
        if "ReservedConcurrentExecutions" in p:
            problems.append(f"{name} reserves concurrency, which the account may not have")
    return problems


def sources(template):
    """The functions that Lambda feeds from somewhere, and how."""
    mappings = resources(template, "AWS::Lambda::EventSourceMapping").values()
    return {next(iter(called(template, m["Properties"]["FunctionName"]))): m["Properties"] for m in mappings}


def followers(template):
    """The functions that follow a stream, and how."""
    return {name: m for name, m in sources(template).items() if references(m["EventSourceArn"]) == {"TelemetryTable"}}


def consumers(template):
    """The functions that work off a queue, and how."""
    return {name: m for name, m in sources(template).items() if name not in followers(template)}


def scheduled(template):
    """The functions that the clock calls."""
    rules = resources(template, "AWS::Events::Rule").values()
    return {name for rule in rules for target in rule["Properties"]["Targets"] for name in references(target["Arn"])}


def answerers(template):
    """The functions that somebody waits for."""
    every = resources(template, "AWS::Lambda::Function").keys()
    return every - sources(template).keys() - scheduled(template)


def followers_lose_nothing(template):
    problems = []
    for name, mapping in followers(template).items():
        if mapping["StartingPosition"] != "TRIM_HORIZON":
            problems.append(f"{name} does not follow the table from its beginning")
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            problems.append(f"{name} repeats what was done when one record fails")
        if mapping.get("BisectBatchOnFunctionError") is not True:
            problems.append(f"{name} loses a batch to one poisonous record")
        if not 0 < mapping.get("MaximumRetryAttempts", -1) <= 100:
            problems.append(f"{name} never gives up, or at once")
        letters = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if references(letters) != {"DeadLetterQueue"}:
            problems.append(f"{name} leaves no letter when it gives up")
        if not mapping.get("FilterCriteria", {}).get("Filters"):
            problems.append(f"{name} is woken by every change")
    # More readers of one shard than two are throttled.
    if len(followers(template)) > 2:
        problems.append("more than two functions follow one stream")
    return problems


def consumers_lose_nothing(template):
    problems = []
    for name, mapping in consumers(template).items():
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            problems.append(f"{name} repeats what was done when one message fails")
        (queue,) = references(mapping["EventSourceArn"])
        p = properties(template, queue)
        redrive = p.get("RedrivePolicy", {})
        if references(redrive.get("deadLetterTargetArn")) != {"DeadLetterQueue"}:
            problems.append(f"{queue} leaves no letter when it gives up")
        if not 5 < redrive.get("maxReceiveCount", 0) <= 100:
            problems.append(f"{queue} gives up before the last attempt to deliver, or never")
        if p.get("VisibilityTimeout", 30) < 6 * properties(template, name)["Timeout"]:
            problems.append(f"{queue} hands a message out again while {name} is at it")
    return problems


def what_the_clock_calls_leaves_letters(template):
    configured = {
        next(iter(references(c["Properties"]["FunctionName"]))): c["Properties"]
        for c in resources(template, "AWS::Lambda::EventInvokeConfig").values()
    }
    return [
        f"{name} fails unnoticed"
        for name in scheduled(template)
        if references(configured.get(name, {}).get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
        != {"DeadLetterQueue"}
    ]


def topics_are_encrypted(template):
    return [
        f"{name} is not encrypted with the application's key"
        for name, topic in resources(template, "AWS::SNS::Topic").items()
        if references(topic["Properties"].get("KmsMasterKeyId")) != {"ApplicationKey"}
    ]


def webhooks_are_signed_with_a_key_of_their_own(template):
    key = template["Resources"]["WebhookKey"]
    p = key["Properties"]
    problems = []
    if (p.get("KeySpec"), p.get("KeyUsage")) != ("HMAC_256", "GENERATE_VERIFY_MAC"):
        problems.append("the webhook key makes no MACs")
    if not is_retained(key):
        problems.append("the webhook key can be deleted, and with it every tenant's secret")
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    if [statement.get("Principal") for statement in p["KeyPolicy"]["Statement"]] != [account]:
        problems.append("the webhook key serves others")
    return problems


def queues_are_encrypted_and_patient(template):
    return [
        f"{name} is not encrypted with the application's key, or forgets before two weeks are over"
        for name, queue in resources(template, "AWS::SQS::Queue").items()
        if references(queue["Properties"].get("KmsMasterKeyId")) != {"ApplicationKey"}
        or queue["Properties"].get("MessageRetentionPeriod") != 1209600
    ]


def everything_is_traced(template):
    problems = [
        f"{name} is not traced"
        for name, function in resources(template, "AWS::Lambda::Function").items()
        if function["Properties"].get("TracingConfig") != {"Mode": "Active"}
    ]
    return problems if stage(template).get("TracingEnabled") is True else [*problems, "the stage is not traced"]


def roles_have_no_wildcards(template):
    problems = []
    for name, role in resources(template, "AWS::IAM::Role").items():
        trusted = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        service = {"GatewayLogRole": "apigateway", "DeployRole": "codedeploy"}.get(name, "lambda")
        if [s.get("Principal") for s in trusted] != [{"Service": f"{service}.amazonaws.com"}]:
            problems.append(f"{name} may be assumed by others")
        if name != "GatewayLogRole" and role["Properties"].get("ManagedPolicyArns"):
            problems.append(f"{name} has a managed policy")
        for statement in statements(role):
            if {"NotAction", "NotResource", "Principal"} & statement.keys():
                problems.append(f"{name} allows by exclusion")
            actions = listed(statement.get("Action", "*"))
            problems += [f"{name} may {action}" for action in actions if "*" in action or "?" in action]
            # X-Ray has no resources to name, and whoever asks for alarms asks for all.
            if not all(action.startswith("xray:") or action == "cloudwatch:DescribeAlarms" for action in actions):
                for resource in listed(statement.get("Resource", "*")):
                    # An object of a bucket cannot be named otherwise.
                    objects = all(action.startswith("s3:") and action.endswith("Object") for action in actions)
                    named = re.sub(r"\$\{\w+Bucket\.Arn\}/\*", "", json.dumps(resource)) if objects else json.dumps(resource)
                    if not references(resource) or "*" in named:
                        problems.append(f"{name} may {actions} on {resource}")
    extra = set(resources(template, "AWS::IAM::Policy")) | set(resources(template, "AWS::IAM::ManagedPolicy"))
    return problems + [f"{name} widens a role from outside" for name in extra]


def actions_are_exact(template):
    problems = []
    functions = resources(template, "AWS::Lambda::Function")
    roles = [role_of(template, name) for name in functions]
    if len(set(roles)) != len(roles):
        problems.append("two functions share a role")
    if functions.keys() != ACTIONS.keys():
        problems.append(f"functions without an entry: {functions.keys() ^ ACTIONS.keys()}")
    for name in functions.keys() & ACTIONS.keys():
        logs = name.removesuffix("Function") + "Logs"
        expected = ACTIONS[name] | {
            ("logs:CreateLogStream", logs),
            ("logs:PutLogEvents", logs),
            ("xray:PutTraceSegments", "*"),
            ("xray:PutTelemetryRecords", "*"),
        }
        found = set()
        for statement in statements(template["Resources"][role_of(template, name)]):
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    found |= {(action, target) for target in references(resource) or {resource}}
        problems += [f"{name} may {action} on {target}, which it does not need" for action, target in found - expected]
        problems += [f"{name} may not {action} on {target}" for action, target in expected - found]
    return sorted(problems)


def decryption_goes_through_the_services(template):
    problems = []
    kept = {f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}" for service in ["dynamodb", "secretsmanager"]}
    sent = {f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}" for service in ["sqs", "sns", "s3"]}
    for name, role in resources(template, "AWS::IAM::Role").items():
        for statement in statements(role):
            if "kms:Decrypt" in listed(statement["Action"]) and "ApplicationKey" in references(statement["Resource"]):
                via = statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", [])
                through = {value.get("Fn::Sub") for value in listed(via) if isinstance(value, dict)}
                # What somebody waits for has nothing to do with messages.
                unattended = name.removesuffix("Role") + "Function" not in answerers(template)
                if through != kept and not (unattended and through and through <= sent | kept):
                    problems.append(f"{name} may decrypt by itself")
    return problems


def data_keys_are_for_the_ledger_of_a_named_tenant(template):
    """Only who seals or opens may use the sealing key, and only in the context that the ledger's data keys have."""
    expected = {
        "StringEquals": {"kms:EncryptionContext:purpose": "ledger"},
        "Null": {"kms:EncryptionContext:tenant": "false"},
        "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["tenant", "purpose"]},
    }
    problems = []
    for name, role in resources(template, "AWS::IAM::Role").items():
        for statement in statements(role):
            if "SealingKey" in references(statement["Resource"]) and statement.get("Condition") != expected:
                problems.append(f"{name} may use the sealing key for anything")
    key = template["Resources"]["SealingKey"]
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    if [statement.get("Principal") for statement in key["Properties"]["KeyPolicy"]["Statement"]] != [account]:
        problems.append("the sealing key serves others")
    if key["Properties"].get("EnableKeyRotation") is not True or not is_retained(key):
        problems.append("the sealing key can be deleted, and with it what is stored about everybody, or never rotates")
    return problems


def uploads_are_private_and_end(template):
    bucket = template["Resources"]["ImportsBucket"]
    p = bucket["Properties"]
    problems = []
    (rule,) = p["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    how = rule["ServerSideEncryptionByDefault"]
    if (how["SSEAlgorithm"], references(how.get("KMSMasterKeyID"))) != ("aws:kms", {"ApplicationKey"}):
        problems.append("uploads are not encrypted with the application's key")
    if set(p.get("PublicAccessBlockConfiguration", {}).values()) != {True} or len(p["PublicAccessBlockConfiguration"]) != 4:
        problems.append("uploads may be made public")
    if p.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
        problems.append("uploads may belong to others")
    if [r.get("ExpirationInDays") for r in p["LifecycleConfiguration"]["Rules"] if r["Status"] == "Enabled"] != [1]:
        problems.append("uploads are kept")
    (deny,) = properties(template, "ImportsBucketPolicy")["PolicyDocument"]["Statement"]
    if (deny["Effect"], deny["Condition"]) != ("Deny", {"Bool": {"aws:SecureTransport": "false"}}):
        problems.append("uploads may travel in clear")
    (allow,) = properties(template, "ImportsQueuePolicy")["PolicyDocument"]["Statement"]
    ours = {"Fn::Sub": "arn:${AWS::Partition}:s3:::palisade-${Stage}-imports-${AWS::AccountId}-${AWS::Region}"}
    if (
        allow["Action"] != "sqs:SendMessage"
        or allow["Condition"].get("ArnEquals") != {"aws:SourceArn": ours}
        or allow["Condition"].get("StringEquals") != {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    ):
        problems.append("others may tell of uploads")
    return problems


def checkpoints_are_locked_and_signed_with_a_key_of_their_own(template):
    bucket = template["Resources"]["CheckpointsBucket"]
    p = bucket["Properties"]
    problems = []
    retention = p.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    if p.get("ObjectLockEnabled") is not True or retention != {
        "Mode": {"Ref": "CheckpointLockMode"},
        "Days": {"Ref": "CheckpointLockDays"},
    }:
        problems.append("checkpoints are not locked")
    if template["Parameters"]["CheckpointLockMode"]["Default"] != "COMPLIANCE":
        problems.append("who may bypass governance may delete checkpoints, unless somebody asks for more")
    if p.get("VersioningConfiguration") != {"Status": "Enabled"}:
        problems.append("a checkpoint may be overwritten")
    if not is_retained(bucket):
        problems.append("the bucket of checkpoints can be deleted")
    if set(p.get("PublicAccessBlockConfiguration", {}).values()) != {True} or len(p["PublicAccessBlockConfiguration"]) != 4:
        problems.append("checkpoints may be made public")
    policy = properties(template, "CheckpointsBucketPolicy")["PolicyDocument"]["Statement"]
    denied = {s["Action"]: s.get("Condition") for s in policy if (s["Effect"], s["Principal"]) == ("Deny", "*")}
    if denied.get("s3:*") != {"Bool": {"aws:SecureTransport": "false"}}:
        problems.append("checkpoints may travel in clear")
    if denied.get("s3:DeleteObject", "allowed") is not None:
        problems.append("checkpoints may be hidden behind markers")
    if denied.get("s3:PutObject") != {"Null": {"s3:if-none-match": "true"}}:
        problems.append("checkpoints may be hidden behind newer ones")
    objects = [s["Resource"] for s in policy if s["Action"] != "s3:*"]
    if any(resource != {"Fn::Sub": "${CheckpointsBucket.Arn}/*"} for resource in objects):
        problems.append("the bucket of checkpoints protects some of them")
    if template["Parameters"]["CheckpointLockDays"]["Default"] < 365:
        problems.append("checkpoints are locked for less than a year, unless somebody asks for more")
    key = template["Resources"]["AuditSigningKey"]
    p = key["Properties"]
    if (p.get("KeySpec"), p.get("KeyUsage")) != ("ECC_NIST_P256", "SIGN_VERIFY"):
        problems.append("the signing key does not sign")
    if not is_retained(key):
        problems.append("the signing key can be deleted")
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    if [statement.get("Principal") for statement in p["KeyPolicy"]["Statement"]] != [account]:
        problems.append("the signing key serves others")
    return problems


def environments_are_exact(template):
    problems = []
    for name, function in resources(template, "AWS::Lambda::Function").items():
        variables = function["Properties"].get("Environment", {}).get("Variables", {})
        found = {variable: references(value) for variable, value in variables.items()}
        expected = ENVIRONMENT.get(name)
        if found != expected:
            problems.append(f"{name} knows {found}, not {expected}")
        # Who knows a secret's name may read it, and the other way round.
        granted = {target for action, target in ACTIONS.get(name, set()) if action == "secretsmanager:GetSecretValue"}
        known = {target for targets in found.values() for target in targets if target.endswith(("Secret", *"0123"))}
        if known != granted:
            problems.append(f"{name} knows the secrets {sorted(known)} and may read {sorted(granted)}")
    return problems


def keyring_shards_are_in_order(template):
    return [
        f"{name} sees the shards in another order"
        for name, function in resources(template, "AWS::Lambda::Function").items()
        for value in [function["Properties"]["Environment"]["Variables"].get("KEYRING_SECRETS")]
        if value is not None and value != {"Fn::Join": [",", [{"Ref": shard} for shard in KEYRING]]}
    ]


# --- Data, keys, secrets and logs -------------------------------------------------------------------------------


def tables_are_protected(template):
    problems = []
    tables = resources(template, "AWS::DynamoDB::Table")
    if tables.keys() != TABLE_KEYS.keys():
        problems.append(f"tables without an entry: {tables.keys() ^ TABLE_KEYS.keys()}")
    for name, table in tables.items():
        p = table["Properties"]
        types = {a["AttributeName"]: a["AttributeType"] for a in p["AttributeDefinitions"]}
        keys = [(k["AttributeName"], types[k["AttributeName"]], k["KeyType"]) for k in p["KeySchema"]]
        sse = p.get("SSESpecification", {})
        if keys != TABLE_KEYS.get(name):
            problems.append(f"{name} has the keys {keys}")
        if p.get("BillingMode") != "PAY_PER_REQUEST":
            problems.append(f"{name} is not on demand")
        if (sse.get("SSEEnabled"), sse.get("SSEType"), references(sse.get("KMSMasterKeyId"))) != (
            True,
            "KMS",
            {"ApplicationKey"},
        ):
            problems.append(f"{name} is not encrypted with the application's key")
        recoverable = p.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled")
        if name == "SubjectKeysTable" and recoverable is not False:
            problems.append(f"{name} can be recovered, and with it the keys of who was erased")
        if name != "SubjectKeysTable" and recoverable is not True:
            problems.append(f"{name} cannot be recovered to a point in time")
        if p.get("DeletionProtectionEnabled") is not True or not is_retained(table):
            problems.append(f"{name} can be deleted")
    return problems


def all_but_the_audit_expires_and_telemetry_streams(template):
    problems = []
    for name in ["RequestsTable", "TelemetryTable", "LedgerTable"]:
        if properties(template, name).get("TimeToLiveSpecification") != {"AttributeName": "expires", "Enabled": True}:
            problems.append(f"the items of {name} do not expire")
    if "TimeToLiveSpecification" in properties(template, "AuditTable"):
        problems.append("the audit loses entries to time")
    if properties(template, "TelemetryTable").get("StreamSpecification") != {"StreamViewType": "NEW_AND_OLD_IMAGES"}:
        problems.append("telemetry has no stream of what was and is")
    return problems


def key_is_private_and_rotates(template):
    problems = []
    key = template["Resources"]["ApplicationKey"]
    if key["Properties"].get("EnableKeyRotation") is not True:
        problems.append("the key does not rotate")
    if not is_retained(key):
        problems.append("the key can be deleted, and every byte with it")
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    logs = {"Service": {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}}
    ours = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/palisade/${Stage}/*"
    uploads = {"Service": "s3.amazonaws.com"}
    bucket = "arn:${AWS::Partition}:s3:::palisade-${Stage}-imports-${AWS::AccountId}-${AWS::Region}"
    for statement in key["Properties"]["KeyPolicy"]["Statement"]:
        principal, actions = statement.get("Principal"), listed(statement.get("Action"))
        if principal not in (account, logs, uploads) or statement.get("Effect") != "Allow":
            problems.append(f"the key may be used by {principal}")
        if principal != account and any("*" in action for action in actions):
            problems.append(f"{principal} may {actions} with the key")
        if principal == logs:
            bound = statement.get("Condition", {}).get("ArnLike", {}).get("kms:EncryptionContext:aws:logs:arn")
            if bound != {"Fn::Sub": ours}:
                problems.append("the key serves log groups of others")
        if principal == uploads:
            bound = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn")
            if bound != {"Fn::Sub": bucket}:
                problems.append("the key serves buckets of others")
    return problems


def secrets_are_encrypted_and_kept(template):
    problems = []
    secrets = resources(template, "AWS::SecretsManager::Secret")
    if secrets.keys() != SECRET_NAMES.keys():
        problems.append(f"secrets without an entry: {secrets.keys() ^ SECRET_NAMES.keys()}")
    for name, secret in secrets.items():
        p = secret["Properties"]
        if p["Name"] != {"Fn::Sub": "palisade/${Stage}/" + SECRET_NAMES.get(name, "")}:
            problems.append(f"{name} is called {p['Name']}")
        if references(p.get("KmsKeyId")) != {"ApplicationKey"}:
            problems.append(f"{name} is not encrypted with the application's key")
        if not is_retained(secret):
            problems.append(f"{name} can be deleted")
    return problems


def the_pepper_rotates(template):
    problems = []
    schedule = properties(template, "PepperRotation")
    if (references(schedule["SecretId"]), references(schedule["RotationLambdaARN"])) != (
        {"PepperSecret"},
        {"RotatePepperFunction"},
    ):
        problems.append("the pepper is not rotated by its function")
    rate = re.fullmatch(r"rate\(([0-9]+) days\)", schedule.get("RotationRules", {}).get("ScheduleExpression", ""))
    if rate is None or not 1 <= int(rate[1]) <= 90:
        problems.append("the pepper is rotated too seldom")
    callers = [
        p["Properties"]
        for p in resources(template, "AWS::Lambda::Permission").values()
        if references(p["Properties"]["FunctionName"]) == {"RotatePepperFunction"}
    ]
    if [(c["Principal"], references(c.get("SourceArn"))) for c in callers] != [
        ("secretsmanager.amazonaws.com", {"PepperSecret"})
    ]:
        problems.append("somebody else may have the pepper rotated")
    return problems


def initial_secrets_never_change(template):
    """An update that changed one of these properties would overwrite live keys."""
    generated = {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "1",
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }
    problems = []
    for name in KEY_SETS:
        p = properties(template, name)
        if p.get("GenerateSecretString") != generated or "SecretString" in p:
            problems.append(f"an update would replace the key set in {name}")
    for name in KEYRING:
        p = properties(template, name)
        if p.get("SecretString") != '{"keys":{}}' or "GenerateSecretString" in p:
            problems.append(f"an update would replace the live keyring in {name}")
    return problems


def logs_are_encrypted_and_end(template):
    problems = []
    groups = resources(template, "AWS::Logs::LogGroup")
    for name, group in groups.items():
        p = group["Properties"]
        if references(p.get("KmsKeyId")) != {"ApplicationKey"}:
            problems.append(f"{name} is not encrypted with the application's key")
        if p.get("RetentionInDays") != {"Ref": "LogRetentionDays"}:
            problems.append(f"{name} is kept for ever")
        if not p["LogGroupName"]["Fn::Sub"].startswith("/palisade/${Stage}/"):
            problems.append(f"{name} lies where the key's policy does not reach")
    expected = {"AccessLogs"}
    for name, function in resources(template, "AWS::Lambda::Function").items():
        own = name.removesuffix("Function") + "Logs"
        expected.add(own)
        if function["Properties"].get("LoggingConfig") != {"LogFormat": "JSON", "LogGroup": {"Ref": own}}:
            problems.append(f"{name} does not log to {own}")
    return (
        problems
        if groups.keys() == expected
        else [*problems, f"log groups without a writer: {groups.keys() ^ expected}"]
    )


def alarms_watch_and_wake(template):
    problems = []
    alarms = resources(template, "AWS::CloudWatch::Alarm")
    wake = [{"Fn::If": ["SomebodyIsWoken", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}]
    for name, alarm in alarms.items():
        p = alarm["Properties"]
        if [p.get("AlarmActions")] != wake or p.get("ActionsEnabled", True) is not True:
            problems.append(f"{name} wakes nobody")
        # What stays out is itself the trouble where something must come.
        must_come = p["ComparisonOperator"] == "LessThanThreshold"
        if p.get("TreatMissingData") != ("breaching" if must_come else "notBreaching"):
            problems.append(f"{name} mistakes silence")
    watched = {name: watch(alarm["Properties"]) for name, alarm in alarms.items()}
    for name in sorted(watched.keys() | ALARMS.keys()):
        if watched.get(name) != ALARMS.get(name):
            problems.append(f"{name} watches {watched.get(name)}, not {ALARMS.get(name)}")
    filters = {
        (t["MetricName"], p["FilterPattern"])
        for p in (f["Properties"] for f in resources(template, "AWS::Logs::MetricFilter").values())
        for t in p["MetricTransformations"]
        if references(p["LogGroupName"]) == {"AccessLogs"} and t["MetricNamespace"] == {"Fn::Sub": "Palisade/${Stage}"}
    }
    # The pattern looks for a text: the line has the status in quotes.
    if json.loads(stage(template)["AccessLogSetting"]["Format"]).get("status") != "$context.status":
        problems.append("an access line says something else for the status")
    if filters != {("forbidden", '{ $.status = "403" }'), ("rate_limited", '{ $.status = "429" }')}:
        problems.append(f"the gateway's refusals are counted as {filters}")
    return problems


def watch(p):
    """What an alarm watches, of what, and when it goes off."""
    # The last metric of a sum is the one that is not ours.
    stat = p["Metrics"][-1]["MetricStat"] if "Metrics" in p else p
    metric = stat.get("Metric", p)
    namespace = metric["Namespace"]
    of = [
        d["Value"] if isinstance(d["Value"], str) else substituted(d["Value"]) if "Fn::Sub" in d["Value"] else
        f"<{next(iter(references(d['Value'])))}>"
        for d in metric.get("Dimensions", [])
    ]
    statistic = stat.get("Stat") or stat.get("Statistic") or stat["ExtendedStatistic"]
    sign = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<"}
    return (
        "Palisade" if namespace == {"Fn::Sub": "Palisade/${Stage}"} else namespace,
        metric["MetricName"],
        " ".join(of),
        f"{statistic} {sign[p['ComparisonOperator']]} {p['Threshold']}",
        f"{p['DatapointsToAlarm']} of {p['EvaluationPeriods']} times {stat['Period']} s",
    )


def the_bill_is_watched(template):
    budget = template["Resources"]["Budget"]
    p = budget["Properties"]
    problems = []
    if budget.get("Condition") != "BudgetSet" or template["Conditions"]["BudgetSet"] != {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "MonthlyBudgetUsd"}, "0"]}]
    }:
        problems.append("the budget is not optional")
    data = p["Budget"]
    limit = {"Amount": {"Ref": "MonthlyBudgetUsd"}, "Unit": "USD"}
    if (data["BudgetType"], data["TimeUnit"], data["BudgetLimit"]) != ("COST", "MONTHLY", limit):
        problems.append("the budget is not what a month may cost")
    tag = {"Key": "aws:cloudformation:stack-name", "Values": [{"Ref": "AWS::StackName"}], "MatchOptions": ["EQUALS"]}
    nothing = {"Ref": "AWS::NoValue"}
    if (data.get("FilterExpression"), template["Parameters"]["BudgetScope"]["Default"]) != (
        {"Fn::If": ["BudgetOfStack", {"Tags": tag}, nothing]},
        "account",
    ):
        problems.append("the budget counts something else, or what nobody has made countable")
    condition, notifications, otherwise = p["NotificationsWithSubscribers"]["Fn::If"]
    if (condition, otherwise) != ("SomebodyIsWoken", nothing):
        problems.append("the budget tells a topic that there may not be")
    told = set()
    for entry in notifications:
        when = entry["Notification"]
        if entry["Subscribers"] != [{"SubscriptionType": "SNS", "Address": {"Ref": "AlarmTopicArn"}}]:
            problems.append(f"nobody is told of {when}")
        if (when["ComparisonOperator"], when["ThresholdType"]) == ("GREATER_THAN", "PERCENTAGE"):
            told.add((when["NotificationType"], when["Threshold"]))
    if told != {("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}:
        problems.append(f"the budget tells too late: {sorted(told)}")
    return problems


def traffic_moves_gradually_and_back(template):
    problems = []
    functions = resources(template, "AWS::Lambda::Function")
    aliases = {name.removesuffix("Aliaslive"): a for name, a in resources(template, ALIAS).items()}
    if aliases.keys() != GRADUAL:
        problems.append(f"replaced at once, or unexpectedly gradually: {aliases.keys() ^ GRADUAL}")
    groups = resources(template, "AWS::CodeDeploy::DeploymentGroup")
    if groups.keys() != {f"{name}DeploymentGroup" for name in GRADUAL}:
        problems.append(f"deployment groups without a function: {sorted(groups)}")
    if list(resources(template, "AWS::CodeDeploy::Application")) != ["ServerlessDeploymentApplication"]:
        problems.append("there is no single application of CodeDeploy")
    for name, alias in aliases.items():
        p, policy = alias["Properties"], alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
        versions = references(p["FunctionVersion"])
        published = [template["Resources"].get(version, {}) for version in versions]
        if [(v.get("Type"), v.get("DeletionPolicy")) for v in published] != [("AWS::Lambda::Version", "Retain")]:
            problems.append(f"{name} has no version to go back to")
        if references(policy.get("DeploymentGroupName")) != {f"{name}DeploymentGroup"}:
            problems.append(f"{name} is replaced at once")
    alarms = {"Enabled": True, "Alarms": [{"Name": {"Ref": alarm}} for alarm in RELEASE_ALARMS]}
    for name, group in groups.items():
        p = group["Properties"]
        if p.get("AlarmConfiguration") != {"Fn::If": ["Gradually", alarms, {}]}:
            problems.append(f"{name} asks other alarms, or asks them where a repair must pass")
        back = p.get("AutoRollbackConfiguration", {})
        if back.get("Enabled") is not True or "DEPLOYMENT_STOP_ON_ALARM" not in back.get("Events", []):
            problems.append(f"{name} does not go back when an alarm sounds")
        if references(p["ServiceRoleArn"]) != {"DeployRole"}:
            problems.append(f"{name} has another role")
    parameter = template["Parameters"]["DeploymentPreference"]
    if not str(parameter["Default"]).startswith(("Canary10", "Linear10")):
        problems.append("traffic moves at once unless somebody asks for more")
    # Whoever calls a function that has an alias calls the alias; the unqualified name is the newest version, untried.
    callers = {f"{m} {path}": o["x-amazon-apigateway-integration"]["uri"] for m, path, o in operations(template)}
    callers["the authorizer"] = authorizer(template)["authorizerUri"]
    for kind in ["AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"]:
        callers |= {name: r["Properties"]["FunctionName"] for name, r in resources(template, kind).items()}
    for name, rule in resources(template, "AWS::Events::Rule").items():
        callers[name] = [target["Arn"] for target in rule["Properties"]["Targets"]]
    problems += [f"{who} passes by an alias" for who, value in callers.items() if references(value) & GRADUAL]
    return problems + deployer_moves_these_aliases_alone(template) + releases_are_watched(template, functions)


def deployer_moves_these_aliases_alone(template):
    found = {
        (action, json.dumps(resource))
        for statement in statements(template["Resources"]["DeployRole"])
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    names = [json.dumps(n) for f in GRADUAL for n in ({"Fn::GetAtt": [f, "Arn"]}, {"Fn::Sub": f"${{{f}.Arn}}:live"})]
    moves = [f"lambda:{action}" for action in ("GetAlias", "UpdateAlias", "GetProvisionedConcurrencyConfig")]
    expected = {(action, name) for action in moves for name in names} | {("cloudwatch:DescribeAlarms", '"*"')}
    return [f"CodeDeploy may {action} on {resource}" for action, resource in sorted(found ^ expected)]


def releases_are_watched(template, functions):
    """Each gradual function's faults are among what the release alarms watch."""
    total, *metrics = properties(template, "ReleaseAlarm")["Metrics"]
    metrics = [m["MetricStat"] for m in metrics]
    ours = [m for m in metrics if m["Metric"]["MetricName"] == "faults"]
    watched = {m["Metric"]["Dimensions"][0]["Value"] for m in ours}
    keys = properties(template, "KeysUnavailableAlarm")
    watched |= {d["Value"] for d in keys["Dimensions"]}
    problems = []
    if watched != {functions[name]["Metadata"]["Binary"] for name in GRADUAL if name in functions}:
        problems.append(f"releases are watched by the faults of {sorted(watched)}")
    if total["Expression"] != "SUM(FILL(METRICS(), 0))" or total["ReturnData"] is not True or len(metrics) > 10:
        problems.append("the release alarm does not add up faults, or more than an alarm takes")
    if any((m["Stat"], m["Period"]) != ("Sum", 60) for m in metrics):
        problems.append("the release alarm is slower than a release")
    return problems


ALL = [
    the_bill_is_watched,
    traffic_moves_gradually_and_back,
    alarms_watch_and_wake,
    dashboard_shows_what_there_is,
    data_keys_are_for_the_ledger_of_a_named_tenant,
    uploads_are_private_and_end,
    checkpoints_are_locked_and_signed_with_a_key_of_their_own,
    consumers_lose_nothing,
    what_the_clock_calls_leaves_letters,
    topics_are_encrypted,
    webhooks_are_signed_with_a_key_of_their_own,
    routes_are_the_known_ones,
    routes_have_the_authorizer,
    authorizer_is_asked_every_time_and_keyed,
    api_speaks_modern_tls_and_leaves_bodies_alone,
    routes_are_throttled,
    each_key_is_throttled,
    gateway_logs_hold_no_request,
    gateway_answers_are_problems,
    web_acl_is_optional_and_counts_addresses,
    functions_are_native_and_bounded,
    followers_lose_nothing,
    queues_are_encrypted_and_patient,
    everything_is_traced,
    roles_have_no_wildcards,
    actions_are_exact,
    decryption_goes_through_the_services,
    environments_are_exact,
    keyring_shards_are_in_order,
    tables_are_protected,
    all_but_the_audit_expires_and_telemetry_streams,
    key_is_private_and_rotates,
    secrets_are_encrypted_and_kept,
    the_pepper_rotates,
    initial_secrets_never_change,
    logs_are_encrypted_and_end,
]
