"""Each check notices what it is there for: the template is broken on purpose, and the check must say so."""

import checks
import expected
import pytest
from conftest import transformed


def resource(written, name):
    return written["Resources"][name]["Properties"]


def statement(written, role, sid):
    (found,) = [s for s in resource(written, role)["Policies"][0]["PolicyDocument"]["Statement"] if s["Sid"] == sid]
    return found


def a_route_is_public(t):
    resource(t, "IngestFunction")["Events"]["Post"]["Properties"]["Auth"] = {
        "Authorizer": "NONE",
        "ApiKeyRequired": False,
    }


def a_route_escapes_the_usage_plan(t):
    resource(t, "IngestFunction")["Events"]["Post"]["Properties"]["Auth"] = {"ApiKeyRequired": False}


def no_route_has_the_authorizer(t):
    del resource(t, "Api")["Auth"]["DefaultAuthorizer"]
    # SAM refuses NONE where there is no default.
    for name in set(expected.ROUTES.values()):
        for event in resource(t, name)["Events"].values():
            event["Properties"].get("Auth", {}).pop("Authorizer", None)


def a_route_appears(t):
    event = {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Method": "DELETE", "Path": "/v1/sensors"}}
    resource(t, "ListSensorsFunction")["Events"]["Delete"] = event


def the_authorizer_remembers_for_an_hour(t):
    identity = resource(t, "Api")["Auth"]["Authorizers"]["Authorize"]["Identity"]
    identity |= {"ReauthorizeEvery": 3600, "Headers": ["X-API-Key"]}


def a_request_with_a_token_never_reaches_the_authorizer(t):
    resource(t, "Api")["Auth"]["Authorizers"]["Authorize"]["Identity"] = {"Headers": ["X-API-Key"]}


def the_key_source_is_the_header(t):
    resource(t, "Api")["ApiKeySourceType"] = "HEADER"


def old_tls_is_accepted(t):
    resource(t, "Api")["SecurityPolicy"] = "TLS_1_0"


def predictions_are_unlimited(t):
    resource(t, "Api")["MethodSettings"].pop()


def a_key_is_unlimited(t):
    del resource(t, "UsagePlan")["Throttle"]


def requests_are_traced_into_logs(t):
    resource(t, "Api")["MethodSettings"][0]["DataTraceEnabled"] = True


def the_access_line_holds_the_key(t):
    resource(t, "Api")["AccessLogSetting"]["Format"] = '{"key":"$context.identity.apiKey"}'


def the_access_line_holds_what_the_authorizer_told(t):
    setting = resource(t, "Api")["AccessLogSetting"]
    setting["Format"] = setting["Format"].replace("authorizer.requestId", "authorizer.requestIdOfAnother")


def a_gateway_answer_may_be_cached(t):
    del resource(t, "Api")["GatewayResponses"]["UNAUTHORIZED"]["ResponseParameters"]["Headers"]["Cache-Control"]


def a_gateway_answer_tells_why(t):
    answer = resource(t, "Api")["GatewayResponses"]["ACCESS_DENIED"]["ResponseTemplates"]
    answer["application/json"] = answer["application/json"].replace("may not use this route", "$context.error.message")


def throttling_says_nothing_of_when(t):
    del resource(t, "Api")["GatewayResponses"]["THROTTLED"]["ResponseParameters"]["Headers"]["Retry-After"]


def the_web_acl_keeps_samples(t):
    resource(t, "WebAcl")["Rules"][0]["VisibilityConfig"]["SampledRequestsEnabled"] = True


def a_function_outlives_the_gateway(t):
    resource(t, "IngestFunction")["Timeout"] = 60


def a_function_is_not_traced(t):
    resource(t, "PredictFunction")["Tracing"] = "PassThrough"


def an_action_is_a_wildcard(t):
    statement(t, "IngestRole", "StoreReadings")["Action"] = ["dynamodb:*"]


def a_resource_is_a_wildcard(t):
    statement(t, "IngestRole", "StoreReadings")["Resource"] = "*"


def a_managed_policy_is_attached(t):
    resource(t, "HealthRole")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]


def sam_makes_the_role(t):
    del resource(t, "HealthFunction")["Role"]


def an_action_is_added(t):
    statement(t, "PredictRole", "AppendAudit")["Action"] = ["dynamodb:PutItem", "dynamodb:DeleteItem"]


def an_action_is_missing(t):
    statement(t, "IngestRole", "Idempotency")["Action"].remove("dynamodb:UpdateItem")


def a_function_decrypts_by_itself(t):
    del statement(t, "IngestRole", "Decrypt")["Condition"]


def a_function_learns_of_a_secret(t):
    resource(t, "IngestFunction")["Environment"]["Variables"]["CURSOR_SECRET"] = {"Ref": "CursorSecret"}


def two_shards_swap(t):
    resource(t, "IngestFunction")["Environment"]["Variables"]["KEYRING_SECRETS"]["Fn::Join"][1].reverse()


def a_table_is_not_recoverable(t):
    resource(t, "AuditTable")["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = False


def a_table_is_not_protected(t):
    resource(t, "TelemetryTable")["DeletionProtectionEnabled"] = False


def a_table_is_deleted_with_the_stack(t):
    t["Resources"]["AuditTable"]["DeletionPolicy"] = "Delete"


def a_table_uses_a_foreign_key(t):
    resource(t, "AuditTable")["SSESpecification"] = {"SSEEnabled": True}


def requests_live_for_ever(t):
    resource(t, "RequestsTable")["TimeToLiveSpecification"]["Enabled"] = False


def readings_live_for_ever(t):
    del resource(t, "TelemetryTable")["TimeToLiveSpecification"]


def the_audit_expires(t):
    resource(t, "AuditTable")["TimeToLiveSpecification"] = {"AttributeName": "expires", "Enabled": True}


def a_queue_gives_up_at_once(t):
    resource(t, "NotificationsQueue")["RedrivePolicy"]["maxReceiveCount"] = 1


def a_queue_leaves_no_letters(t):
    del resource(t, "NotificationsQueue")["RedrivePolicy"]


def a_queue_is_impatient(t):
    resource(t, "NotificationsQueue")["VisibilityTimeout"] = 30


def a_schedule_fails_unnoticed(t):
    del resource(t, "WatchDriftFunction")["EventInvokeConfig"]


def a_topic_is_in_clear(t):
    del resource(t, "NotificationsTopic")["KmsMasterKeyId"]


def the_webhook_key_serves_others(t):
    resource(t, "WebhookKey")["KeyPolicy"]["Statement"][0]["Principal"] = {"AWS": "*"}


def the_webhook_key_encrypts(t):
    resource(t, "WebhookKey")["KeySpec"] = "SYMMETRIC_DEFAULT"


def the_key_is_public(t):
    resource(t, "ApplicationKey")["KeyPolicy"]["Statement"][0]["Principal"] = {"AWS": "*"}


def the_key_serves_every_log_group(t):
    del resource(t, "ApplicationKey")["KeyPolicy"]["Statement"][1]["Condition"]


def the_key_does_not_rotate(t):
    resource(t, "ApplicationKey")["EnableKeyRotation"] = False


def a_secret_uses_the_default_key(t):
    del resource(t, "PepperSecret")["KmsKeyId"]


def the_keyring_is_reset(t):
    resource(t, "KeyringSecret2")["SecretString"] = '{"keys": {}}'


def mapping(t):
    return resource(t, "WorkOnStreamFunction")["Events"]["Telemetry"]["Properties"]


def a_follower_leaves_no_letter(t):
    del mapping(t)["DestinationConfig"]


def a_follower_loses_batches(t):
    mapping(t)["BisectBatchOnFunctionError"] = False


def a_follower_repeats_what_is_done(t):
    del mapping(t)["FunctionResponseTypes"]


def a_follower_begins_late(t):
    mapping(t)["StartingPosition"] = "LATEST"


def a_follower_never_gives_up(t):
    mapping(t)["MaximumRetryAttempts"] = -1


def letters_are_in_clear(t):
    del resource(t, "DeadLetterQueue")["KmsMasterKeyId"]


def a_log_group_is_not_encrypted(t):
    del resource(t, "IngestLogs")["KmsKeyId"]


def a_log_group_never_ends(t):
    del resource(t, "AccessLogs")["RetentionInDays"]


def data_keys_are_for_anybody(t):
    del statement(t, "GetTransactionRole", "UnwrapKeys")["Condition"]["Null"]


def data_keys_are_for_anything(t):
    statement(t, "RecordTransactionRole", "WrapKeys")["Condition"] = {}


def the_sealing_key_serves_others(t):
    policy = resource(t, "SealingKey")["KeyPolicy"]["Statement"]
    policy.append({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"})


def uploads_are_public(t):
    resource(t, "ImportsBucket")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = False


def uploads_are_kept(t):
    resource(t, "ImportsBucket")["LifecycleConfiguration"]["Rules"][0]["Status"] = "Disabled"


def uploads_travel_in_clear(t):
    resource(t, "ImportsBucketPolicy")["PolicyDocument"]["Statement"][0]["Effect"] = "Allow"


def anybody_tells_of_uploads(t):
    resource(t, "ImportsQueuePolicy")["PolicyDocument"]["Statement"][0]["Condition"] = {}


def uploads_use_the_default_key(t):
    (rule,) = resource(t, "ImportsBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    del rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]


def destroyed_keys_are_recoverable(t):
    resource(t, "SubjectKeysTable")["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = True


def the_key_serves_every_bucket(t):
    policy = resource(t, "ApplicationKey")["KeyPolicy"]["Statement"]
    del next(s for s in policy if s["Sid"] == "TheBucketTellsTheQueue")["Condition"]


def checkpoints_may_be_deleted(t):
    del resource(t, "CheckpointsBucket")["ObjectLockConfiguration"]


def checkpoints_are_locked_for_some_by_default(t):
    t["Parameters"]["CheckpointLockMode"]["Default"] = "GOVERNANCE"


def checkpoints_are_public(t):
    resource(t, "CheckpointsBucket")["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"] = False


def checkpoints_may_be_hidden(t):
    policy = resource(t, "CheckpointsBucketPolicy")["PolicyDocument"]["Statement"]
    next(s for s in policy if s["Sid"] == "NothingHidden")["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}


def checkpoints_may_be_replaced(t):
    policy = resource(t, "CheckpointsBucketPolicy")["PolicyDocument"]["Statement"]
    del next(s for s in policy if s["Sid"] == "NothingReplaced")["Condition"]


def some_checkpoints_are_protected(t):
    policy = resource(t, "CheckpointsBucketPolicy")["PolicyDocument"]["Statement"]
    next(s for s in policy if s["Sid"] == "NothingHidden")["Resource"] = {"Fn::Sub": "${CheckpointsBucket.Arn}/old/*"}


def checkpoints_are_locked_for_a_day(t):
    t["Parameters"]["CheckpointLockDays"]["Default"] = 1


def anybody_signs_checkpoints(t):
    policy = resource(t, "AuditSigningKey")["KeyPolicy"]["Statement"]
    policy.append({"Effect": "Allow", "Principal": "*", "Action": "kms:Sign", "Resource": "*"})


def a_function_signs_checkpoints(t):
    allow = {"Sid": "Sign", "Effect": "Allow", "Action": "kms:Sign", "Resource": {"Fn::GetAtt": "AuditSigningKey.Arn"}}
    resource(t, "IngestRole")["Policies"][0]["PolicyDocument"]["Statement"].append(allow)


def the_pepper_stays_for_years(t):
    resource(t, "PepperRotation")["RotationRules"]["ScheduleExpression"] = "rate(900 days)"


def anybody_rotates_the_pepper(t):
    del resource(t, "RotatePepperPermission")["SourceArn"]


def an_alarm_wakes_nobody(t):
    resource(t, "DeadLettersAlarm")["AlarmActions"] = []


def an_alarm_takes_silence_for_peace(t):
    resource(t, "CheckpointMissingAlarm")["TreatMissingData"] = "notBreaching"


def an_alarm_watches_something_else(t):
    resource(t, "UnauthorizedAlarm")["MetricName"] = "requests"


def an_alarm_watches_another_function(t):
    resource(t, "PepperRotationAlarm")["Dimensions"][0]["Value"] = "rotate"


def an_alarm_goes_off_too_late(t):
    resource(t, "CheckpointMissingAlarm")["Period"] = 86_400


def an_alarm_bears_too_much(t):
    resource(t, "DeadLettersAlarm")["Threshold"] = 100


def an_access_line_lacks_the_status(t):
    setting = resource(t, "Api")["AccessLogSetting"]
    setting["Format"] = setting["Format"].replace("$context.status", "$context.error.responseType")


def refusals_of_the_gateway_are_not_counted(t):
    resource(t, "ForbiddenFilter")["FilterPattern"] = "{ $.status = 403 }"


def dashboard_with(t, old, new):
    body = resource(t, "Dashboard")["DashboardBody"]
    assert old in body["Fn::Sub"]
    body["Fn::Sub"] = body["Fn::Sub"].replace(old, new)


def the_dashboard_is_not_json(t):
    dashboard_with(t, '{"widgets": [', '{"widgets": ')


def the_dashboard_leaves_an_alarm_out(t):
    dashboard_with(t, '"${DriftAlarm.Arn}"', '"${SealingAlarm.Arn}"')


def an_alarm_appears_that_the_dashboard_lacks(t):
    t["Resources"]["AnotherAlarm"] = t["Resources"]["DriftAlarm"]


def the_dashboard_shows_what_nobody_emits(t):
    dashboard_with(t, '"drifts"', '"drift"')


def the_dashboard_searches_for_what_nobody_emits(t):
    dashboard_with(t, 'MetricName=\\"cold_starts\\"', 'MetricName=\\"coldstarts\\"')


def the_dashboard_shows_another_functions_metric(t):
    dashboard_with(t, '"checkpoints", "function", "checkpoint-audit"', '"checkpoints", "function", "watch-drift"')


def the_dashboard_counts_refusals_nobody_counts(t):
    filters = [n for n, r in t["Resources"].items() if r["Type"] == "AWS::Logs::MetricFilter"]
    for name in filters:
        if resource(t, name)["MetricTransformations"][0]["MetricName"] == "rate_limited":
            del t["Resources"][name]


def the_dashboard_shows_a_foreign_queue(t):
    dashboard_with(t, "${DeadLetterQueue.QueueName}", "dead-letters")


def the_dashboard_queries_a_log_that_does_not_exist(t):
    dashboard_with(t, "/palisade/${Stage}/rotate-pepper", "/palisade/${Stage}/rotate")


def the_dashboard_draws_another_threshold(t):
    dashboard_with(t, '"value": 3000', '"value": 300')


def a_widget_hides_another(t):
    dashboard_with(t, '"x": 8, "y": 6,', '"x": 7, "y": 6,')


def notifications(t):
    return resource(t, "Budget")["NotificationsWithSubscribers"]["Fn::If"][1]


def the_budget_tells_nobody(t):
    notifications(t)[2]["Subscribers"] = []


def the_budget_tells_when_it_is_spent(t):
    del notifications(t)[:2]


def nobody_looks_ahead(t):
    notifications(t).pop()


def the_budget_is_everybodys(t):
    del t["Resources"]["Budget"]["Condition"]


def the_budget_is_a_constant(t):
    resource(t, "Budget")["Budget"]["BudgetLimit"]["Amount"] = 1000000


def the_budget_counts_by_a_tag_that_may_not_be_active(t):
    t["Parameters"]["BudgetScope"]["Default"] = "stack"


def the_budget_counts_another_stack(t):
    resource(t, "Budget")["Budget"]["FilterExpression"]["Fn::If"][1]["Tags"]["Values"] = ["palisade"]


def a_function_is_replaced_at_once(t):
    del resource(t, "PredictFunction")["DeploymentPreference"]


def a_function_has_no_versions(t):
    for name in ("AutoPublishAlias", "AutoPublishAliasAllProperties", "DeploymentPreference"):
        del resource(t, "IngestFunction")[name]


def the_authorizer_is_asked_past_its_alias(t):
    authorize = resource(t, "Api")["Auth"]["Authorizers"]["Authorize"]
    authorize["FunctionArn"] = {"Fn::GetAtt": ["AuthorizeFunction", "Arn"]}


def a_release_asks_no_alarm(t):
    del resource(t, "PredictFunction")["DeploymentPreference"]["Alarms"]


def a_repair_waits_for_the_alarm_it_is_for(t):
    preference = resource(t, "PredictFunction")["DeploymentPreference"]
    preference["Alarms"] = preference["Alarms"]["Fn::If"][1]


def releases_are_all_at_once_by_default(t):
    t["Parameters"]["DeploymentPreference"]["Default"] = "AllAtOnce"


def a_release_is_not_watched(t):
    resource(t, "ReleaseAlarm")["Metrics"].pop(1)


def codedeploy_moves_every_alias(t):
    statement(t, "DeployRole", "MoveAliases")["Resource"] = "*"


def codedeploy_gets_its_managed_role(t):
    del resource(t, "PredictFunction")["DeploymentPreference"]["Role"]


CONTROLS = [
    (the_budget_tells_nobody, checks.the_bill_is_watched),
    (the_budget_tells_when_it_is_spent, checks.the_bill_is_watched),
    (nobody_looks_ahead, checks.the_bill_is_watched),
    (the_budget_is_everybodys, checks.the_bill_is_watched),
    (the_budget_is_a_constant, checks.the_bill_is_watched),
    (the_budget_counts_by_a_tag_that_may_not_be_active, checks.the_bill_is_watched),
    (the_budget_counts_another_stack, checks.the_bill_is_watched),
    (the_dashboard_is_not_json, checks.dashboard_shows_what_there_is),
    (the_dashboard_leaves_an_alarm_out, checks.dashboard_shows_what_there_is),
    (an_alarm_appears_that_the_dashboard_lacks, checks.dashboard_shows_what_there_is),
    (the_dashboard_shows_what_nobody_emits, checks.dashboard_shows_what_there_is),
    (the_dashboard_searches_for_what_nobody_emits, checks.dashboard_shows_what_there_is),
    (the_dashboard_shows_another_functions_metric, checks.dashboard_shows_what_there_is),
    (the_dashboard_counts_refusals_nobody_counts, checks.dashboard_shows_what_there_is),
    (the_dashboard_shows_a_foreign_queue, checks.dashboard_shows_what_there_is),
    (the_dashboard_queries_a_log_that_does_not_exist, checks.dashboard_shows_what_there_is),
    (the_dashboard_draws_another_threshold, checks.dashboard_shows_what_there_is),
    (a_widget_hides_another, checks.dashboard_shows_what_there_is),
    (a_function_is_replaced_at_once, checks.traffic_moves_gradually_and_back),
    (a_function_has_no_versions, checks.traffic_moves_gradually_and_back),
    (the_authorizer_is_asked_past_its_alias, checks.traffic_moves_gradually_and_back),
    (a_release_asks_no_alarm, checks.traffic_moves_gradually_and_back),
    (a_repair_waits_for_the_alarm_it_is_for, checks.traffic_moves_gradually_and_back),
    (releases_are_all_at_once_by_default, checks.traffic_moves_gradually_and_back),
    (a_release_is_not_watched, checks.traffic_moves_gradually_and_back),
    (codedeploy_moves_every_alias, checks.roles_have_no_wildcards),
    (codedeploy_moves_every_alias, checks.traffic_moves_gradually_and_back),
    (codedeploy_gets_its_managed_role, checks.traffic_moves_gradually_and_back),
    (codedeploy_gets_its_managed_role, checks.roles_have_no_wildcards),
    (an_alarm_wakes_nobody, checks.alarms_watch_and_wake),
    (an_alarm_takes_silence_for_peace, checks.alarms_watch_and_wake),
    (an_alarm_watches_something_else, checks.alarms_watch_and_wake),
    (an_alarm_watches_another_function, checks.alarms_watch_and_wake),
    (an_alarm_goes_off_too_late, checks.alarms_watch_and_wake),
    (an_alarm_bears_too_much, checks.alarms_watch_and_wake),
    (an_access_line_lacks_the_status, checks.alarms_watch_and_wake),
    (refusals_of_the_gateway_are_not_counted, checks.alarms_watch_and_wake),
    (the_pepper_stays_for_years, checks.the_pepper_rotates),
    (anybody_rotates_the_pepper, checks.the_pepper_rotates),
    (checkpoints_may_be_deleted, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (checkpoints_are_locked_for_some_by_default, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (checkpoints_are_public, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (checkpoints_may_be_hidden, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (checkpoints_may_be_replaced, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (some_checkpoints_are_protected, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (checkpoints_are_locked_for_a_day, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (anybody_signs_checkpoints, checks.checkpoints_are_locked_and_signed_with_a_key_of_their_own),
    (a_function_signs_checkpoints, checks.actions_are_exact),
    (data_keys_are_for_anybody, checks.data_keys_are_for_the_ledger_of_a_named_tenant),
    (data_keys_are_for_anything, checks.data_keys_are_for_the_ledger_of_a_named_tenant),
    (the_sealing_key_serves_others, checks.data_keys_are_for_the_ledger_of_a_named_tenant),
    (uploads_are_public, checks.uploads_are_private_and_end),
    (uploads_are_kept, checks.uploads_are_private_and_end),
    (uploads_travel_in_clear, checks.uploads_are_private_and_end),
    (anybody_tells_of_uploads, checks.uploads_are_private_and_end),
    (uploads_use_the_default_key, checks.uploads_are_private_and_end),
    (destroyed_keys_are_recoverable, checks.tables_are_protected),
    (the_key_serves_every_bucket, checks.key_is_private_and_rotates),
    (a_route_is_public, checks.routes_have_the_authorizer),
    (a_route_escapes_the_usage_plan, checks.routes_have_the_authorizer),
    (no_route_has_the_authorizer, checks.routes_have_the_authorizer),
    (a_route_appears, checks.routes_are_the_known_ones),
    (the_authorizer_remembers_for_an_hour, checks.authorizer_is_asked_every_time_and_keyed),
    (a_request_with_a_token_never_reaches_the_authorizer, checks.authorizer_is_asked_every_time_and_keyed),
    (the_key_source_is_the_header, checks.authorizer_is_asked_every_time_and_keyed),
    (old_tls_is_accepted, checks.api_speaks_modern_tls_and_leaves_bodies_alone),
    (predictions_are_unlimited, checks.routes_are_throttled),
    (a_key_is_unlimited, checks.each_key_is_throttled),
    (requests_are_traced_into_logs, checks.gateway_logs_hold_no_request),
    (the_access_line_holds_the_key, checks.gateway_logs_hold_no_request),
    (the_access_line_holds_what_the_authorizer_told, checks.gateway_logs_hold_no_request),
    (a_gateway_answer_may_be_cached, checks.gateway_answers_are_problems),
    (a_gateway_answer_tells_why, checks.gateway_answers_are_problems),
    (throttling_says_nothing_of_when, checks.gateway_answers_are_problems),
    (the_web_acl_keeps_samples, checks.web_acl_is_optional_and_counts_addresses),
    (a_function_outlives_the_gateway, checks.functions_are_native_and_bounded),
    (a_function_is_not_traced, checks.everything_is_traced),
    (an_action_is_a_wildcard, checks.roles_have_no_wildcards),
    (a_resource_is_a_wildcard, checks.roles_have_no_wildcards),
    (a_managed_policy_is_attached, checks.roles_have_no_wildcards),
    (sam_makes_the_role, checks.roles_have_no_wildcards),
    (an_action_is_added, checks.actions_are_exact),
    (an_action_is_missing, checks.actions_are_exact),
    (a_function_decrypts_by_itself, checks.decryption_goes_through_the_services),
    (a_function_learns_of_a_secret, checks.environments_are_exact),
    (two_shards_swap, checks.keyring_shards_are_in_order),
    (a_table_is_not_recoverable, checks.tables_are_protected),
    (a_table_is_not_protected, checks.tables_are_protected),
    (a_table_is_deleted_with_the_stack, checks.tables_are_protected),
    (a_table_uses_a_foreign_key, checks.tables_are_protected),
    (a_queue_gives_up_at_once, checks.consumers_lose_nothing),
    (a_queue_leaves_no_letters, checks.consumers_lose_nothing),
    (a_queue_is_impatient, checks.consumers_lose_nothing),
    (a_schedule_fails_unnoticed, checks.what_the_clock_calls_leaves_letters),
    (a_topic_is_in_clear, checks.topics_are_encrypted),
    (the_webhook_key_serves_others, checks.webhooks_are_signed_with_a_key_of_their_own),
    (the_webhook_key_encrypts, checks.webhooks_are_signed_with_a_key_of_their_own),
    (readings_live_for_ever, checks.all_but_the_audit_expires_and_telemetry_streams),
    (the_audit_expires, checks.all_but_the_audit_expires_and_telemetry_streams),
    (requests_live_for_ever, checks.all_but_the_audit_expires_and_telemetry_streams),
    (the_key_is_public, checks.key_is_private_and_rotates),
    (the_key_serves_every_log_group, checks.key_is_private_and_rotates),
    (the_key_does_not_rotate, checks.key_is_private_and_rotates),
    (a_secret_uses_the_default_key, checks.secrets_are_encrypted_and_kept),
    (the_keyring_is_reset, checks.initial_secrets_never_change),
    (a_follower_leaves_no_letter, checks.followers_lose_nothing),
    (a_follower_loses_batches, checks.followers_lose_nothing),
    (a_follower_repeats_what_is_done, checks.followers_lose_nothing),
    (a_follower_begins_late, checks.followers_lose_nothing),
    (a_follower_never_gives_up, checks.followers_lose_nothing),
    (letters_are_in_clear, checks.queues_are_encrypted_and_patient),
    (a_log_group_is_not_encrypted, checks.logs_are_encrypted_and_end),
    (a_log_group_never_ends, checks.logs_are_encrypted_and_end),
]


@pytest.mark.parametrize("break_it, check", CONTROLS, ids=lambda f: f.__name__)
def test_a_broken_template_is_noticed(written, template, break_it, check):
    assert check(template) == []
    break_it(written)
    assert check(transformed(written)) != []


def test_no_check_is_without_a_control():
    assert {check for _, check in CONTROLS} == set(checks.ALL)
