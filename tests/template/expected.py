"""What the template must say: routes, actions, environments, tables, secrets and gateway answers."""

# Every route, and the function that answers it.
ROUTES = {
    ("GET", "/health"): "HealthFunction",
    ("GET", "/health/ready"): "ReadyFunction",
    ("POST", "/v1/ingest"): "IngestFunction",
    ("GET", "/v1/sensors"): "ListSensorsFunction",
    ("GET", "/v1/sensors/{sensor_id}/readings"): "QueryReadingsFunction",
    ("PUT", "/v1/sensors/{sensor_id}/baseline"): "SetBaselineFunction",
    ("POST", "/v1/predict"): "PredictFunction",
    ("POST", "/v1/anomalies/detect"): "DetectAnomaliesFunction",
    ("POST", "/v1/drift/check"): "CheckDriftFunction",
    ("POST", "/v1/forecast"): "ForecastFunction",
    ("POST", "/v1/rul"): "PredictRulFunction",
    ("GET", "/v1/alerts"): "ListAlertsFunction",
    ("POST", "/v1/alerts/{alert_id}/acknowledge"): "AcknowledgeAlertFunction",
    ("POST", "/v1/alerts/{alert_id}/resolve"): "ResolveAlertFunction",
    ("POST", "/v1/tasks"): "CreateTaskFunction",
    ("GET", "/v1/tasks"): "ListTasksFunction",
    ("GET", "/v1/tasks/{task_id}"): "GetTaskFunction",
    ("POST", "/v1/tasks/{task_id}/complete"): "CompleteTaskFunction",
    ("POST", "/v1/tasks/{task_id}/cancel"): "CancelTaskFunction",
    ("POST", "/v1/decisions"): "DecideFunction",
    ("GET", "/v1/notifications"): "ListNotificationsFunction",
    ("GET", "/v1/audit"): "ListAuditFunction",
    ("POST", "/v1/reports"): "GenerateReportFunction",
    ("GET", "/v1/reports/{report_id}"): "GetReportFunction",
    ("PUT", "/v1/policy"): "ChangePolicyFunction",
    ("GET", "/v1/policy"): "ShowPolicyFunction",
    ("PUT", "/v1/calendar"): "ChangeCalendarFunction",
    ("GET", "/v1/calendar"): "ShowCalendarFunction",
    ("POST", "/v1/transactions/classify"): "ClassifyTransactionsFunction",
    ("POST", "/v1/transactions"): "RecordTransactionFunction",
    ("GET", "/v1/transactions"): "ListTransactionsFunction",
    ("POST", "/v1/transactions/bulk"): "RecordInBulkFunction",
    ("GET", "/v1/transactions/{transaction_id}"): "GetTransactionFunction",
    ("PUT", "/v1/transactions/{transaction_id}/category"): "CategoriseTransactionFunction",
    ("POST", "/v1/transactions/imports"): "StartImportFunction",
    ("GET", "/v1/transactions/imports/{import_id}"): "GetImportFunction",
    ("DELETE", "/v1/goals/{goal_id}"): "DeleteGoalFunction",
    ("PUT", "/v1/goals/{goal_id}"): "ChangeGoalFunction",
    ("GET", "/v1/goals"): "ListGoalsFunction",
    ("GET", "/v1/users/{user_id}/recurring"): "ListRecurringFunction",
    ("GET", "/v1/users/{user_id}/export"): "ExportPersonFunction",
    ("DELETE", "/v1/users/{user_id}"): "ErasePersonFunction",
    ("PUT", "/v1/settings"): "ChangeSettingsFunction",
    ("GET", "/v1/settings"): "ShowSettingsFunction",
    ("GET", "/openapi.json"): "DescribeApiFunction",
    ("GET", "/docs"): "DescribeApiFunction",
}
# A path answers its own preflight, by the function that reads where there is one; a browser sends no key with it.
ROUTES |= {("OPTIONS", path): function for (_, path), function in ROUTES.items()}

PUBLIC = {("GET", "/health"), ("GET", "/openapi.json"), ("GET", "/docs")}

KEYRING = ["KeyringSecret0", "KeyringSecret1", "KeyringSecret2", "KeyringSecret3"]

# What every function does that verifies a key and records a denial.
VERIFIES_KEYS = {("secretsmanager:GetSecretValue", secret) for secret in ["PepperSecret", "AuditSecret", *KEYRING]} | {
    ("dynamodb:Query", "IssuersTable"),
    ("dynamodb:PutItem", "AuditTable"),
    ("kms:Decrypt", "ApplicationKey"),
}
READS_SEGMENTS = {("dynamodb:Query", "TelemetryTable"), ("dynamodb:BatchGetItem", "TelemetryTable")}
READS_TELEMETRY = READS_SEGMENTS | {("secretsmanager:GetSecretValue", "CursorSecret")}
COUNTS_REQUESTS = {("dynamodb:UpdateItem", "RequestsTable")}

READS_OBJECTS = {("dynamodb:GetItem", "TelemetryTable")}
IS_IDEMPOTENT = {(f"dynamodb:{action}", "RequestsTable") for action in ["PutItem", "UpdateItem", "DeleteItem"]}
STORES_OBJECTS = READS_OBJECTS | IS_IDEMPOTENT | {("dynamodb:PutItem", "TelemetryTable")}
# An object whose status changes leaves one list for another.
MOVES_OBJECTS = STORES_OBJECTS | {("dynamodb:DeleteItem", "TelemetryTable")}

CHANGES_OBJECTS = READS_OBJECTS | {("dynamodb:PutItem", "TelemetryTable"), ("dynamodb:DeleteItem", "TelemetryTable")}
# What nobody calls verifies no key, and writes down what it changes.
WORKS_UNATTENDED = {
    ("secretsmanager:GetSecretValue", "AuditSecret"),
    ("dynamodb:PutItem", "AuditTable"),
    ("kms:Decrypt", "ApplicationKey"),
    ("kms:GenerateDataKey", "ApplicationKey"),
}
LEAVES_LETTERS = WORKS_UNATTENDED | {("sqs:SendMessage", "DeadLetterQueue")}
FOLLOWS_THE_STREAM = LEAVES_LETTERS | {
    ("dynamodb:DescribeStream", "TelemetryTable"),
    ("dynamodb:GetRecords", "TelemetryTable"),
    ("dynamodb:GetShardIterator", "TelemetryTable"),
    ("dynamodb:ListStreams", "TelemetryTable"),
}



def ledger(*actions):
    """Actions on the table of what is stored about people."""
    return {(f"dynamodb:{action}", "LedgerTable") for action in actions}


# Who opens what is sealed finds and unwraps the person's key; who may be the first to seal makes one.
OPENS = {("dynamodb:GetItem", "SubjectKeysTable"), ("kms:Decrypt", "SealingKey")}
SEALS = OPENS | {("dynamodb:PutItem", "SubjectKeysTable"), ("kms:GenerateDataKey", "SealingKey")}
SEALS_CURSORS = {("secretsmanager:GetSecretValue", "CursorSecret")}
DESTROYS_KEYS = {("dynamodb:DeleteItem", "SubjectKeysTable")}
REMOVES_FILES = {("s3:DeleteObject", "ImportsBucket")}

# The exact actions of each function, without its log group and its traces, which `actions_are_exact` adds.
ACTIONS = {
    "HealthFunction": set(),
    "DescribeApiFunction": set(),
    "AuthorizeFunction": VERIFIES_KEYS,
    "ReadyFunction": VERIFIES_KEYS
    | {
        ("dynamodb:GetItem", "RequestsTable"),
        ("secretsmanager:DescribeSecret", "PepperSecret"),
        ("kms:DescribeKey", "ApplicationKey"),
    },
    "IngestFunction": VERIFIES_KEYS
    | IS_IDEMPOTENT
    | {
        ("dynamodb:GetItem", "TelemetryTable"),
        ("dynamodb:PutItem", "TelemetryTable"),
        ("dynamodb:BatchWriteItem", "TelemetryTable"),
    },
    "ListSensorsFunction": VERIFIES_KEYS | READS_TELEMETRY,
    "QueryReadingsFunction": VERIFIES_KEYS | READS_TELEMETRY,
    "PredictFunction": VERIFIES_KEYS | COUNTS_REQUESTS,
    "PredictRulFunction": VERIFIES_KEYS | COUNTS_REQUESTS,
    "DetectAnomaliesFunction": VERIFIES_KEYS | READS_SEGMENTS | COUNTS_REQUESTS,
    "CheckDriftFunction": VERIFIES_KEYS | READS_SEGMENTS | READS_OBJECTS | COUNTS_REQUESTS,
    "SetBaselineFunction": VERIFIES_KEYS | READS_SEGMENTS | STORES_OBJECTS,
    "ForecastFunction": VERIFIES_KEYS | READS_SEGMENTS | COUNTS_REQUESTS,
    "DetectOnStreamFunction": FOLLOWS_THE_STREAM | READS_SEGMENTS | CHANGES_OBJECTS,
    "WorkOnStreamFunction": FOLLOWS_THE_STREAM
    | READS_SEGMENTS
    | CHANGES_OBJECTS
    | {("sqs:SendMessage", "NotificationsQueue")},
    "NotifyFunction": WORKS_UNATTENDED
    | CHANGES_OBJECTS
    | COUNTS_REQUESTS
    | {
        ("sqs:ReceiveMessage", "NotificationsQueue"),
        ("sqs:DeleteMessage", "NotificationsQueue"),
        ("sqs:GetQueueAttributes", "NotificationsQueue"),
        ("sns:Publish", "NotificationsTopic"),
        ("kms:GenerateMac", "WebhookKey"),
    },
    "ResumeTasksFunction": LEAVES_LETTERS | READS_SEGMENTS | CHANGES_OBJECTS - READS_OBJECTS,
    "WatchDriftFunction": LEAVES_LETTERS | READS_SEGMENTS | READS_OBJECTS | {("dynamodb:PutItem", "TelemetryTable")},
    "ListNotificationsFunction": VERIFIES_KEYS | READS_TELEMETRY,
    "ListAuditFunction": VERIFIES_KEYS | SEALS_CURSORS | {("dynamodb:Query", "AuditTable")},
    # It reads what others wrote and signs how far they came; it writes no entry.
    "CheckpointAuditFunction": {
        ("dynamodb:Query", "AuditTable"),
        ("kms:Decrypt", "ApplicationKey"),
        ("kms:GenerateDataKey", "ApplicationKey"),
        ("kms:Sign", "AuditSigningKey"),
        ("s3:GetObject", "CheckpointsBucket"),
        ("s3:PutObject", "CheckpointsBucket"),
        ("s3:ListBucket", "CheckpointsBucket"),
        ("sqs:SendMessage", "DeadLetterQueue"),
    },
    "RotatePepperFunction": {("kms:Decrypt", "ApplicationKey"), ("kms:GenerateDataKey", "ApplicationKey")}
    | {
        (f"secretsmanager:{action}", "PepperSecret")
        for action in ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"]
    },
    "RefreshIssuersFunction": {
        ("dynamodb:Query", "IssuersTable"),
        ("dynamodb:UpdateItem", "IssuersTable"),
        ("kms:Decrypt", "ApplicationKey"),
        ("kms:GenerateDataKey", "ApplicationKey"),
        ("sqs:SendMessage", "DeadLetterQueue"),
    },
    "CancelTaskFunction": VERIFIES_KEYS | MOVES_OBJECTS,
    "ListAlertsFunction": VERIFIES_KEYS | READS_TELEMETRY,
    "ListTasksFunction": VERIFIES_KEYS | READS_TELEMETRY,
    "AcknowledgeAlertFunction": VERIFIES_KEYS | MOVES_OBJECTS,
    "ResolveAlertFunction": VERIFIES_KEYS | MOVES_OBJECTS,
    "DecideFunction": VERIFIES_KEYS | MOVES_OBJECTS,
    "CompleteTaskFunction": VERIFIES_KEYS | MOVES_OBJECTS,
    "CreateTaskFunction": VERIFIES_KEYS | STORES_OBJECTS,
    "ChangePolicyFunction": VERIFIES_KEYS | STORES_OBJECTS,
    "ChangeCalendarFunction": VERIFIES_KEYS | STORES_OBJECTS,
    "GenerateReportFunction": VERIFIES_KEYS | READS_SEGMENTS | STORES_OBJECTS,
    "GetReportFunction": VERIFIES_KEYS | READS_OBJECTS | {("dynamodb:Query", "TelemetryTable")},
    "GetTaskFunction": VERIFIES_KEYS | READS_OBJECTS,
    "ShowPolicyFunction": VERIFIES_KEYS | READS_OBJECTS,
    "ShowCalendarFunction": VERIFIES_KEYS | READS_OBJECTS,
    "ClassifyTransactionsFunction": VERIFIES_KEYS | ledger("GetItem"),
    "ListTransactionsFunction": VERIFIES_KEYS | OPENS | SEALS_CURSORS | ledger("GetItem", "Query"),
    "RecordTransactionFunction": VERIFIES_KEYS
    | SEALS
    | IS_IDEMPOTENT
    | ledger("GetItem", "BatchGetItem", "Query", "PutItem"),
    "RecordInBulkFunction": VERIFIES_KEYS | SEALS | IS_IDEMPOTENT | ledger("GetItem", "BatchGetItem", "PutItem"),
    "GetTransactionFunction": VERIFIES_KEYS | OPENS | ledger("GetItem", "Query"),
    "CategoriseTransactionFunction": VERIFIES_KEYS | OPENS | IS_IDEMPOTENT | ledger("GetItem", "Query", "PutItem"),
    "StartImportFunction": VERIFIES_KEYS
    | IS_IDEMPOTENT
    | ledger("PutItem")
    | {("s3:PutObject", "ImportsBucket"), ("kms:GenerateDataKey", "ApplicationKey")},
    "GetImportFunction": VERIFIES_KEYS | ledger("GetItem"),
    "ProcessImportFunction": WORKS_UNATTENDED
    | SEALS
    | REMOVES_FILES
    | ledger("GetItem", "BatchGetItem", "PutItem", "DeleteItem")
    | {("s3:GetObject", "ImportsBucket")}
    | {(f"sqs:{a}", "ImportsQueue") for a in ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage"]},
    "ChangeGoalFunction": VERIFIES_KEYS | SEALS | IS_IDEMPOTENT | ledger("GetItem", "Query", "PutItem"),
    "DeleteGoalFunction": VERIFIES_KEYS | OPENS | IS_IDEMPOTENT | ledger("GetItem", "DeleteItem"),
    "ListGoalsFunction": VERIFIES_KEYS | OPENS | ledger("GetItem", "Query"),
    "ListRecurringFunction": VERIFIES_KEYS | OPENS | ledger("GetItem", "Query"),
    "ExportPersonFunction": VERIFIES_KEYS | OPENS | SEALS_CURSORS | ledger("Query"),
    "ErasePersonFunction": VERIFIES_KEYS
    | IS_IDEMPOTENT
    | DESTROYS_KEYS
    | REMOVES_FILES
    | {("dynamodb:GetItem", "SubjectKeysTable")}
    | ledger("GetItem", "Query", "BatchGetItem", "PutItem", "DeleteItem", "BatchWriteItem"),
    "FinishErasuresFunction": LEAVES_LETTERS
    | DESTROYS_KEYS
    | REMOVES_FILES
    | ledger("GetItem", "Query", "BatchGetItem", "PutItem", "DeleteItem", "BatchWriteItem"),
    "ShowSettingsFunction": VERIFIES_KEYS | ledger("GetItem"),
    "ChangeSettingsFunction": VERIFIES_KEYS | IS_IDEMPOTENT | ledger("GetItem", "PutItem"),
}

EVERY_FUNCTION_KNOWS = {"PALISADE_STAGE": {"Stage"}, "CORS_ORIGINS": {"CorsOrigins"}}
KEY_VERIFIER_KNOWS = {
    "PEPPER_SECRET": {"PepperSecret"},
    "AUDIT_SECRET": {"AuditSecret"},
    "AUDIT_TABLE": {"AuditTable"},
    "KEYRING_SECRETS": set(KEYRING),
    "ISSUERS_TABLE": {"IssuersTable"},
}
MODEL_GUARD_KNOWS = {"MODEL_ALLOWED_SHA256": {"ModelAllowedSha256"}, "MODEL_MINIMUM_VERSION": {"ModelMinimumVersion"}}

READER_KNOWS = EVERY_FUNCTION_KNOWS | KEY_VERIFIER_KNOWS | {"TELEMETRY_TABLE": {"TelemetryTable"}}
LISTER_KNOWS = READER_KNOWS | {"CURSOR_SECRET": {"CursorSecret"}}
STORER_KNOWS = READER_KNOWS | {"REQUESTS_TABLE": {"RequestsTable"}}

PREDICTOR_KNOWS = (
    EVERY_FUNCTION_KNOWS
    | KEY_VERIFIER_KNOWS
    | MODEL_GUARD_KNOWS
    | {"REQUESTS_TABLE": {"RequestsTable"}, "PREDICT_LIMIT_PER_MINUTE": {"PredictLimitPerMinute"}}
)
COMPUTER_KNOWS = STORER_KNOWS | {"COMPUTE_LIMIT_PER_MINUTE": {"ComputeLimitPerMinute"}}
UNATTENDED_ANYWHERE_KNOWS = EVERY_FUNCTION_KNOWS | {
    "AUDIT_SECRET": {"AuditSecret"},
    "AUDIT_TABLE": {"AuditTable"},
}
UNATTENDED_KNOWS = UNATTENDED_ANYWHERE_KNOWS | {"TELEMETRY_TABLE": {"TelemetryTable"}}

LEDGER_KNOWS = {"LEDGER_TABLE": {"LedgerTable"}}
KEEPER_KNOWS = EVERY_FUNCTION_KNOWS | KEY_VERIFIER_KNOWS | LEDGER_KNOWS
OPENER_KNOWS = KEEPER_KNOWS | {"SUBJECT_KEYS_TABLE": {"SubjectKeysTable"}, "SEALING_KEY": {"SealingKey"}}
SEALER_KNOWS = OPENER_KNOWS | {"REQUESTS_TABLE": {"RequestsTable"}}
BUCKET_KNOWS = {"IMPORTS_BUCKET": {"ImportsBucket"}}

# The exact environment of each function: the variable, and what its value refers to.
ENVIRONMENT = {
    "HealthFunction": EVERY_FUNCTION_KNOWS,
    "DescribeApiFunction": EVERY_FUNCTION_KNOWS,
    "AuthorizeFunction": EVERY_FUNCTION_KNOWS | KEY_VERIFIER_KNOWS,
    "ReadyFunction": EVERY_FUNCTION_KNOWS
    | KEY_VERIFIER_KNOWS
    | MODEL_GUARD_KNOWS
    | {"REQUESTS_TABLE": {"RequestsTable"}, "APPLICATION_KEY": {"ApplicationKey"}},
    "IngestFunction": STORER_KNOWS,
    "ListSensorsFunction": LISTER_KNOWS,
    "QueryReadingsFunction": LISTER_KNOWS,
    "DetectAnomaliesFunction": COMPUTER_KNOWS,
    "CheckDriftFunction": COMPUTER_KNOWS,
    "ForecastFunction": COMPUTER_KNOWS,
    "DetectOnStreamFunction": UNATTENDED_KNOWS,
    "WorkOnStreamFunction": UNATTENDED_KNOWS | {"NOTIFICATIONS_QUEUE": {"NotificationsQueue"}},
    "NotifyFunction": UNATTENDED_KNOWS
    | {
        "REQUESTS_TABLE": {"RequestsTable"},
        "NOTIFICATIONS_TOPIC": {"NotificationsTopic"},
        "WEBHOOK_KEY": {"WebhookKey"},
    },
    "ResumeTasksFunction": UNATTENDED_KNOWS,
    "WatchDriftFunction": UNATTENDED_KNOWS,
    "ListNotificationsFunction": LISTER_KNOWS,
    "ListAuditFunction": EVERY_FUNCTION_KNOWS | KEY_VERIFIER_KNOWS | {"CURSOR_SECRET": {"CursorSecret"}},
    "CheckpointAuditFunction": EVERY_FUNCTION_KNOWS
    | {
        "AUDIT_TABLE": {"AuditTable"},
        "AUDIT_SIGNING_KEY": {"AuditSigningKey"},
        "CHECKPOINTS_BUCKET": {"CheckpointsBucket"},
    },
    "RotatePepperFunction": EVERY_FUNCTION_KNOWS | {"PEPPER_SECRET": {"PepperSecret"}},
    "RefreshIssuersFunction": EVERY_FUNCTION_KNOWS | {"ISSUERS_TABLE": {"IssuersTable"}},
    "CancelTaskFunction": STORER_KNOWS,
    "SetBaselineFunction": COMPUTER_KNOWS,
    "ListAlertsFunction": LISTER_KNOWS,
    "ListTasksFunction": LISTER_KNOWS,
    "GenerateReportFunction": COMPUTER_KNOWS,
    "GetReportFunction": READER_KNOWS,
    "GetTaskFunction": READER_KNOWS,
    "ShowPolicyFunction": READER_KNOWS,
    "ShowCalendarFunction": READER_KNOWS,
    "AcknowledgeAlertFunction": STORER_KNOWS,
    "ResolveAlertFunction": STORER_KNOWS,
    "DecideFunction": STORER_KNOWS,
    "CompleteTaskFunction": STORER_KNOWS,
    "CreateTaskFunction": STORER_KNOWS,
    "ChangePolicyFunction": STORER_KNOWS,
    "ChangeCalendarFunction": STORER_KNOWS,
    "PredictFunction": PREDICTOR_KNOWS,
    "PredictRulFunction": PREDICTOR_KNOWS,
    "ClassifyTransactionsFunction": KEEPER_KNOWS | MODEL_GUARD_KNOWS,
    "ListTransactionsFunction": OPENER_KNOWS | {"CURSOR_SECRET": {"CursorSecret"}},
    "RecordTransactionFunction": SEALER_KNOWS | MODEL_GUARD_KNOWS,
    "RecordInBulkFunction": SEALER_KNOWS | MODEL_GUARD_KNOWS,
    "GetTransactionFunction": OPENER_KNOWS,
    "CategoriseTransactionFunction": SEALER_KNOWS,
    "StartImportFunction": KEEPER_KNOWS | BUCKET_KNOWS | {"REQUESTS_TABLE": {"RequestsTable"}},
    "GetImportFunction": KEEPER_KNOWS,
    "ProcessImportFunction": UNATTENDED_ANYWHERE_KNOWS
    | LEDGER_KNOWS
    | BUCKET_KNOWS
    | MODEL_GUARD_KNOWS
    | {
        "SUBJECT_KEYS_TABLE": {"SubjectKeysTable"},
        "SEALING_KEY": {"SealingKey"},
        "IMPORTS_QUEUE": {"ImportsQueue"},
    },
    "ChangeGoalFunction": SEALER_KNOWS,
    "DeleteGoalFunction": SEALER_KNOWS,
    "ListGoalsFunction": OPENER_KNOWS,
    "ListRecurringFunction": OPENER_KNOWS,
    "ExportPersonFunction": OPENER_KNOWS | {"CURSOR_SECRET": {"CursorSecret"}},
    "ErasePersonFunction": KEEPER_KNOWS
    | BUCKET_KNOWS
    | {"SUBJECT_KEYS_TABLE": {"SubjectKeysTable"}, "REQUESTS_TABLE": {"RequestsTable"}},
    "FinishErasuresFunction": UNATTENDED_ANYWHERE_KNOWS
    | LEDGER_KNOWS
    | BUCKET_KNOWS
    | {"SUBJECT_KEYS_TABLE": {"SubjectKeysTable"}},
    "ShowSettingsFunction": KEEPER_KNOWS,
    "ChangeSettingsFunction": KEEPER_KNOWS | {"REQUESTS_TABLE": {"RequestsTable"}},
}

TABLE_KEYS = {
    "TelemetryTable": [("pk", "S", "HASH"), ("sk", "S", "RANGE")],
    "LedgerTable": [("pk", "S", "HASH"), ("sk", "S", "RANGE")],
    "SubjectKeysTable": [("pk", "S", "HASH")],
    "RequestsTable": [("pk", "S", "HASH")],
    "AuditTable": [("pk", "S", "HASH"), ("seq", "N", "RANGE")],
    "IssuersTable": [("pk", "S", "HASH"), ("sk", "S", "RANGE")],
}
KEY_SETS = ["PepperSecret", "AuditSecret", "CursorSecret"]
SECRET_NAMES = {
    "PepperSecret": "pepper",
    "AuditSecret": "audit",
    "CursorSecret": "cursor",
    **{secret: f"keyring/{shard}" for shard, secret in enumerate(KEYRING)},
}

GATEWAY_RESPONSES = {
    "DEFAULT_4XX": (400, "invalid_request"),
    "BAD_REQUEST_BODY": (400, "invalid_request"),
    "BAD_REQUEST_PARAMETERS": (400, "invalid_request"),
    "UNAUTHORIZED": (401, "unauthorized"),
    "ACCESS_DENIED": (403, "forbidden"),
    "INVALID_API_KEY": (403, "forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found"),
    "INVALID_SIGNATURE": (404, "not_found"),
    "EXPIRED_TOKEN": (404, "not_found"),
    "RESOURCE_NOT_FOUND": (404, "not_found"),
    "REQUEST_TOO_LARGE": (413, "payload_too_large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported_media_type"),
    "THROTTLED": (429, "rate_limited"),
    "QUOTA_EXCEEDED": (429, "rate_limited"),
    "WAF_FILTERED": (429, "rate_limited"),
    "DEFAULT_5XX": (500, "internal_error"),
    "API_CONFIGURATION_ERROR": (500, "internal_error"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "internal_error"),
    "AUTHORIZER_FAILURE": (503, "unavailable"),
    "INTEGRATION_FAILURE": (503, "unavailable"),
    "INTEGRATION_TIMEOUT": (503, "unavailable"),
}
GATEWAY_HEADERS = {
    "Content-Type": "'application/problem+json'",
    "Cache-Control": "'no-store'",
    "Content-Security-Policy": "'default-src 'none'; base-uri 'none'; frame-ancestors 'none''",
    "Referrer-Policy": "'no-referrer'",
    "Strict-Transport-Security": "'max-age=63072000; includeSubDomains'",
    "X-Content-Type-Options": "'nosniff'",
    "X-Request-ID": "context.requestId",
}

# What wakes somebody: the metric, of what, how much of it, and for how long.
ALARMS = {
    "ApiFaultsAlarm": ("AWS/ApiGateway", "5XXError", "palisade-<Stage> <Stage>", "Average > 0.01", "3 of 5 times 60 s"),
    "ReleaseAlarm": ("AWS/Lambda", "Errors", "", "Sum > 0", "2 of 3 times 60 s"),
    "ApiLatencyAlarm": ("AWS/ApiGateway", "Latency", "palisade-<Stage> <Stage>", "p99 > 3000", "3 of 3 times 300 s"),
    "UnauthorizedAlarm": ("Palisade", "unauthorized", "authorize", "Sum > 300", "1 of 1 times 300 s"),
    "ForbiddenAlarm": ("Palisade", "forbidden", "", "Sum > 100", "1 of 1 times 300 s"),
    "RateLimitedAlarm": ("Palisade", "rate_limited", "", "Sum > 1000", "1 of 1 times 300 s"),
    "KeysUnavailableAlarm": ("Palisade", "faults", "authorize", "Sum > 0", "2 of 3 times 60 s"),
    "SealingAlarm": ("Palisade", "faults", "record-transaction", "Sum > 0", "3 of 5 times 60 s"),
    "ThrottlesAlarm": ("AWS/Lambda", "Throttles", "", "Sum > 0", "3 of 5 times 60 s"),
    "DeadLettersAlarm": (
        "AWS/SQS", "ApproximateNumberOfMessagesVisible", "<DeadLetterQueue>", "Maximum > 0", "1 of 1 times 60 s",
    ),
    "DetectOnStreamLagAlarm": (
        "AWS/Lambda", "IteratorAge", "<DetectOnStreamFunction>", "Maximum > 600000", "5 of 5 times 60 s",
    ),
    "WorkOnStreamLagAlarm": (
        "AWS/Lambda", "IteratorAge", "<WorkOnStreamFunction>", "Maximum > 600000", "5 of 5 times 60 s",
    ),
    "ImportsLagAlarm": (
        "AWS/SQS", "ApproximateAgeOfOldestMessage", "<ImportsQueue>", "Maximum > 3600", "3 of 3 times 300 s",
    ),
    "CheckpointMissingAlarm": ("Palisade", "checkpoints", "checkpoint-audit", "Sum < 1", "1 of 1 times 3600 s"),
    "PepperRotationAlarm": ("Palisade", "faults", "rotate-pepper", "Sum > 0", "1 of 1 times 300 s"),
    "IssuerKeysAlarm": ("Palisade", "faults", "refresh-issuers", "Sum >= 5", "1 of 1 times 300 s"),
    "KeysEndingAlarm": ("Palisade", "keys_ending", "authorize", "Sum >= 1", "1 of 1 times 86400 s"),
    "DriftAlarm": ("Palisade", "drifts", "watch-drift", "Sum > 10", "1 of 1 times 3600 s"),
}

# What the functions print as metrics. `test_agreement.py` holds all of it to their source.
REQUEST_METRICS = {"requests", "latency", "faults", "cold_starts", "unauthorized", "forbidden", "rate_limited"}
INVOCATION_METRICS = {"records", "latency", "faults"}
# Of the functions that have more, what they have; the first are called by somebody, the others by nobody.
REQUEST_METRICS_OF = {
    "authorize": {"keys_ending"},
    "detect-anomalies": {"anomalies"},
    "erase-person": {"erasures"},
    "predict": {"out_of_distribution"},
    "predict-rul": {"out_of_distribution"},
    "record-in-bulk": {"transactions", "rejected"},
    "record-transaction": {"transactions", "duplicates"},
}
INVOCATION_METRICS_OF = {
    "checkpoint-audit": {"checkpoints"},
    "detect-on-stream": {"alerts", "batches", "repeats", "segments"},
    "finish-erasures": {"erasures", "verified"},
    "notify": {"notifications", "repeats"},
    "process-import": {"continued", "imports"},
    "refresh-issuers": {"issuers_renewed"},
    "resume-tasks": {"resumed"},
    "rotate-pepper": {"peppers_rotated"},
    "watch-drift": {"checks", "drifts", "too_many_readings", "without_baseline"},
    "work-on-stream": {"scheduled", "tasks", "unscheduled"},
}

# The metrics of AWS that say something here, by namespace and dimensions.
AWS_METRICS = {
    ("AWS/ApiGateway", ("ApiName", "Stage")): {"Count", "4XXError", "5XXError", "Latency"},
    ("AWS/ApiGateway", ("ApiName", "Method", "Resource", "Stage")): {"Count", "4XXError", "5XXError", "Latency"},
    ("AWS/Lambda", ()): {"Throttles", "ConcurrentExecutions"},
    ("AWS/Lambda", ("FunctionName",)): {"IteratorAge"},
    ("AWS/SQS", ("QueueName",)): {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    ("AWS/DynamoDB", ("TableName",)): {
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
    },
    ("AWS/Logs", ("LogGroupName",)): {"IncomingBytes"},
}
# What a dimension names: the attribute that gives its value, and the type of what has it.
AWS_DIMENSIONS = {
    "FunctionName": ("", "AWS::Lambda::Function"),
    "QueueName": (".QueueName", "AWS::SQS::Queue"),
    "TableName": ("", "AWS::DynamoDB::Table"),
    "LogGroupName": ("", "AWS::Logs::LogGroup"),
}

# What is replaced gradually: what carries the traffic, and what works behind it. The authorizer's faults have an alarm of
# their own; those of all others are watched by one.
GRADUAL = {
    "AuthorizeFunction",
    "IngestFunction",
    "QueryReadingsFunction",
    "PredictFunction",
    "ListTransactionsFunction",
    "RecordTransactionFunction",
    "RecordInBulkFunction",
    "DetectOnStreamFunction",
    "WorkOnStreamFunction",
    "ProcessImportFunction",
}
RELEASE_ALARMS = ["ReleaseAlarm", "ApiFaultsAlarm", "KeysUnavailableAlarm"]
