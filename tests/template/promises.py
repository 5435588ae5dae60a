"""What template.yaml promises, each as a pure function that returns its violations."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.handlers import all_routes, routes_by_function
from marketplace.platform.settings import SettingsError, read_settings
from tests.cloudformation import ROOT, Template, functions_of, resources_of, routes_of

ASYNCHRONOUS = {"Schedule", "ScheduleV2", "S3", "EventBridgeRule", "SNS", "CloudWatchLogs"}
STREAM_SAFETY = {
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "FunctionResponseTypes",
    "DestinationConfig",
}
TRIES_OF_A_CHANGE = 5
LONGEST_RETENTION = 14 * 24 * 3600
WITHOUT_RESOURCES = {
    "xray:PutTraceSegments",  # X-Ray knows no resources to name
    "xray:PutTelemetryRecords",
    "sns:Publish",  # to a telephone number, which is no resource; topics are denied beside it
    "translate:TranslateText",  # a text is no resource either
    "comprehend:DetectDominantLanguage",
}
GATEWAY_CODES = {
    "UNAUTHORIZED": (401, "unauthenticated"),
    "ACCESS_DENIED": (401, "unauthenticated"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found"),
    "RESOURCE_NOT_FOUND": (404, "not_found"),
    "REQUEST_TOO_LARGE": (413, "payload_too_large"),
    "THROTTLED": (429, "too_many_requests"),
    "DEFAULT_4XX": (404, "not_found"),
    "WAF_FILTERED": (403, "forbidden"),
    "AUTHORIZER_FAILURE": (503, "service_unavailable"),
    "AUTHORIZER_CONFIGURATION_ERROR": (503, "service_unavailable"),
    "INTEGRATION_FAILURE": (503, "service_unavailable"),
    "INTEGRATION_TIMEOUT": (503, "service_unavailable"),
    "DEFAULT_5XX": (500, "internal_error"),
}
UNDER_THE_KEY = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::S3::Bucket": "s3",
    "AWS::SecretsManager::Secret": "secretsmanager",
    "AWS::SNS::Topic": "sns",
    "AWS::SQS::Queue": "sqs",
}
LOG_GROUPS = {"RecordErrorsFunction": "RecorderLogGroup"}
"""Of functions that do not write to the log of all others."""
LAMBDA_HANDLER = r"(?m)^(def lambda_handler\(|lambda_handler = )"
RETRY_STATUSES = {429, 503}
SAFE_HEADERS = {"Cache-Control", "Strict-Transport-Security", "Vary", "X-Content-Type-Options"}


def functions_without_log_retention(template: Template) -> Iterator[str]:
    """Every function writes to one log that forgets after a while, under our key; the recorder to another."""
    groups = resources_of(template, "AWS::Logs::LogGroup")
    shared = template["Globals"]["Function"].get("LoggingConfig", {})
    for logical_id, function in functions_of(template).items():
        named = function.get("LoggingConfig", shared).get("LogGroup", {}).get("Ref", "")
        if named != LOG_GROUPS.get(logical_id, "FunctionLogGroup"):
            yield f"{logical_id} logs to {named or 'no group of ours'}"
    for logical_id in {"FunctionLogGroup", *LOG_GROUPS.values()}:
        group = groups.get(logical_id, {})
        if not group.get("RetentionInDays") or group.get("KmsKeyId") != {"Fn::GetAtt": ["StoreKey", "Arn"]}:
            yield f"{logical_id} is kept for ever, or open"


def asynchronous_work_without_failure_destination(template: Template) -> Iterator[str]:
    """Whatever is invoked without a caller who hears of a failure leaves it in a queue."""
    for logical_id, function in functions_of(template).items():
        events = function.get("Events", {})
        if any(event["Type"] in ASYNCHRONOUS for event in events.values()):
            destination = function.get("EventInvokeConfig", {}).get("DestinationConfig", {})
            if not destination.get("OnFailure", {}).get("Destination"):
                yield f"{logical_id} is invoked asynchronously and has no failure destination"
        for name, event in events.items():
            if event["Type"] == "DynamoDB":
                properties = event["Properties"]
                missing = STREAM_SAFETY - properties.keys()
                if missing:
                    yield f"the stream {name} of {logical_id} lacks {', '.join(sorted(missing))}"
                elif (
                    properties["MaximumRetryAttempts"] != TRIES_OF_A_CHANGE
                    or properties["BisectBatchOnFunctionError"] is not True
                    or properties["FunctionResponseTypes"] != ["ReportBatchItemFailures"]
                ):
                    yield f"the stream {name} of {logical_id} lets a change hold up others"


def queues_without_alarm(template: Template) -> Iterator[str]:
    """Whatever is put aside rings at once, and waits for two weeks, encrypted, until somebody has dealt with it."""
    alarms = resources_of(template, "AWS::CloudWatch::Alarm").values()
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in alarms
        if alarm.get("Namespace") == "AWS/SQS"
        and alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and alarm["Threshold"] == 1
        and alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        and alarm.get("AlarmActions")
        for dimension in alarm["Dimensions"]
    }
    for logical_id, queue in resources_of(template, "AWS::SQS::Queue").items():
        # A queue that something works off hands what it cannot to one that rings.
        dead = queue.get("RedrivePolicy", {}).get("deadLetterTargetArn", {}).get("Fn::GetAtt", [logical_id])[0]
        if dead not in watched:
            yield f"nobody is told of what lies in {logical_id}"
        if queue.get("MessageRetentionPeriod") != LONGEST_RETENTION or not queue.get("KmsMasterKeyId"):
            yield f"{logical_id} forgets early, or is open"


def queues_without_tls(template: Template) -> Iterator[str]:
    """Every queue refuses what does not come over TLS."""
    policies = resources_of(template, "AWS::SQS::QueuePolicy").values()
    named = {queue["Ref"] for policy in policies for queue in policy["Queues"]}
    for logical_id in sorted(resources_of(template, "AWS::SQS::Queue").keys() - named):
        yield f"{logical_id} can be reached without TLS"


def services_that_may_not_use_the_key(template: Template) -> Iterator[str]:
    """The key of the store may be used through every service that keeps something under it."""
    statements = template["Resources"]["StoreKey"]["Properties"]["KeyPolicy"]["Statement"]
    through = next(each for each in statements if each["Sid"] == "ThroughTheServicesThatItEncrypts")
    allowed = str(through["Condition"]["StringEquals"]["kms:ViaService"])
    for kind, service in UNDER_THE_KEY.items():
        if "StoreKey" in str(resources_of(template, kind)) and f"{service}." not in allowed:
            yield f"{kind} cannot be read or written under the key"


def permissions_with_wildcards(template: Template) -> Iterator[str]:
    """No role may do any action, or an action on anything."""
    for logical_id, statement in statements_of_roles(template):
        for action in listed(statement["Action"]):
            if "*" in action:
                yield f"{logical_id} may do {action}"
            if action not in WITHOUT_RESOURCES and "*" in listed(statement["Resource"]):
                yield f"{logical_id} may do {action} on anything"


def functions_sharing_roles(template: Template) -> Iterator[str]:
    """Every function has a role of its own."""
    for logical_id, function in functions_of(template).items():
        expected = logical_id.removesuffix("Function") + "Role"
        if function.get("Role") != {"Fn::GetAtt": [expected, "Arn"]}:
            yield f"{logical_id} does not run under {expected}"


def functions_named_otherwise_than_their_folder(template: Template) -> Iterator[str]:
    """Folder, logical id, function name and service name are the same words; every folder is deployed."""
    deployed = set()
    for logical_id, function in functions_of(template).items():
        folder = str(function["CodeUri"]).removeprefix("functions/")
        deployed.add(folder)
        handler = ROOT / "functions" / folder / "handler.py"
        if logical_id != "".join(word.capitalize() for word in folder.split("_")) + "Function":
            yield f"{logical_id} runs the code of {folder}"
        if function["FunctionName"] != {"Fn::Sub": "${AWS::StackName}-" + folder.replace("_", "-")}:
            yield f"{logical_id} is called {function['FunctionName']}"
        if function["Environment"]["Variables"].get("POWERTOOLS_SERVICE_NAME") != folder:
            yield f"{logical_id} logs under another name than {folder}"
        if not handler.exists() or not re.search(LAMBDA_HANDLER, handler.read_text(encoding="utf-8")):
            yield f"{logical_id} has no lambda_handler in {folder}"
    for handler in (ROOT / "functions").glob("*/handler.py"):
        if handler.parent.name not in deployed:
            yield f"{handler.parent.name} is not deployed"


def settings_that_are_not_set(template: Template) -> Iterator[str]:
    """Every variable that the settings read is set for every function."""
    everywhere = template["Globals"]["Function"]["Environment"]["Variables"]
    for logical_id, function in functions_of(template).items():
        given = everywhere.keys() | function["Environment"]["Variables"].keys()
        for name in sorted(variables_of_the_settings() - given):
            yield f"{logical_id} lacks {name}"


def routes_that_differ_from_the_contract(template: Template) -> Iterator[str]:
    """Every route leads to the function that declares it, and needs a sign-in exactly if the contract says so."""
    functions = functions_of(template)
    declared = {route.key: folder for folder, routes in routes_by_function().items() for route in routes}
    served = routes_of(template)
    for route, (logical_id, is_open) in served.items():
        folder = functions[logical_id]["CodeUri"].removeprefix("functions/") if logical_id in functions else logical_id
        if route in declared and folder != declared[route]:
            yield f"{' '.join(route)} leads to {folder}, but {declared[route]} answers it"
        if is_open != (route in OPEN_ROUTES):
            yield f"{' '.join(route)} {'is open to all' if is_open else 'needs a sign-in'}"
    for logical_id, function in functions.items():
        if any(event["Type"] == "Api" for event in function.get("Events", {}).values()):
            yield f"{logical_id} has a route as an event: it belongs to RestApi's paths"
    for route in sorted({route.key for route in all_routes()} - served.keys()):
        yield f"{' '.join(route)} leads nowhere"
    for route in sorted(served.keys() - {route.key for route in all_routes()} - {PREFLIGHT}):
        yield f"{' '.join(route)} is not in the contract"


def functions_that_the_gateway_may_not_call(template: Template) -> Iterator[str]:
    """The REST API may call every function that a route leads to, and no other."""
    permitted = {
        str(permission["FunctionName"]["Ref"]).removesuffix(".Alias")
        for permission in resources_of(template, "AWS::Lambda::Permission").values()
        if permission["Principal"] == "apigateway.amazonaws.com"
    }
    for logical_id in sorted(permitted ^ {function for function, _ in routes_of(template).values()}):
        yield f"{logical_id} {'has no route' if logical_id in permitted else 'may not be called'}"


def tables_without_protection(template: Template) -> Iterator[str]:
    """Every table is encrypted with our key, can be restored to any minute, and outlives the stack."""
    for logical_id, table in resources_of(template, "AWS::DynamoDB::Table").items():
        encryption = table.get("SSESpecification", {})
        if encryption.get("KMSMasterKeyId") != {"Fn::GetAtt": ["StoreKey", "Arn"]} or not encryption["SSEEnabled"]:
            yield f"{logical_id} is not encrypted with our key"
        if table.get("PointInTimeRecoverySpecification") != {"PointInTimeRecoveryEnabled": True}:
            yield f"{logical_id} cannot be restored to a point in time"
        if not str(table["TableName"].get("Fn::Sub", "")).startswith("${AWS::StackName}-"):
            yield f"{logical_id} does not bear the stack's name"
        resource = template["Resources"][logical_id]
        if {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")} != {"RetainExceptOnCreate", "Retain"}:
            yield f"{logical_id} goes with the stack"


def talk_kept_for_ever(template: Template) -> Iterator[str]:
    """What people say goes after ChatRetentionDays, files of rooms after MediaRetentionDays, and proofs never."""
    messages = resources_of(template, "AWS::DynamoDB::Table")["ChatMessagesTable"]
    if messages.get("TimeToLiveSpecification") != {"AttributeName": "expiresAtEpoch", "Enabled": True}:
        yield "messages do not expire"
    rules = resources_of(template, "AWS::S3::Bucket")["UploadsBucket"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule.get("Prefix"): rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    if expiring.get("rooms/") != {"Ref": "MediaRetentionDays"}:
        yield "files of rooms do not expire"
    if not set(expiring) <= {"rooms/", "incoming/"}:
        yield "a rule reaches the proofs of payment"


def alarms_that_lead_nowhere(template: Template) -> Iterator[str]:
    """Every alarm tells somebody, and names the chapter that says what to do."""
    manual = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    chapters = {anchor_of(line.lstrip("# ")) for line in manual.splitlines() if line.startswith("#")}
    for logical_id, alarm in resources_of(template, "AWS::CloudWatch::Alarm").items():
        if alarm.get("AlarmActions") != [{"Ref": "AlarmTopic"}]:
            yield f"nobody hears of {logical_id}"
        page, _, chapter = str(alarm.get("AlarmDescription", "")).rpartition(" ")[2].partition("#")
        if page != "docs/operating.md" or chapter not in chapters:
            yield f"{logical_id} does not say what to do"


def anchor_of(heading: str) -> str:
    """Return what a link to a heading ends with on the pages of a code host."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def gateway_answers_that_are_no_problems(template: Template) -> Iterator[str]:
    """What the gateway answers itself looks like every other problem."""
    responses = template["Resources"]["RestApi"]["Properties"]["GatewayResponses"]
    for kind, (status, code) in GATEWAY_CODES.items():
        response = responses.get(kind)
        if response is None:
            yield f"{kind} is not answered in our words"
            continue
        body = response["ResponseTemplates"]["application/json"]
        headers = response["ResponseParameters"]["Headers"]
        if response["StatusCode"] != status or f'"code":"{code}"' not in body or f'"status":{status}' not in body:
            yield f"{kind} is not {status} {code}"
        if '"requestId":"$context.requestId"' not in body or headers.get("x-request-id") != "context.requestId":
            yield f"{kind} does not name the request"
        if headers.get("Content-Type") != "'application/problem+json'":
            yield f"{kind} is not application/problem+json"
        for name in sorted(SAFE_HEADERS - headers.keys()):
            yield f"{kind} has no {name}"
        if "Access-Control-Allow-Origin" not in headers:
            yield f"{kind} cannot be read by the web client"
        if status in RETRY_STATUSES and "Retry-After" not in headers:
            yield f"{kind} does not say when to try again"


def gateways_without_access_log(template: Template) -> Iterator[str]:
    """Both gateways note who was answered what, under our key and for a while."""
    groups = resources_of(template, "AWS::Logs::LogGroup")
    for logical_id, name in (("RestApi", "AccessLogSetting"), ("WebSocketApi", "AccessLogSettings")):
        log = template["Resources"][logical_id]["Properties"].get(name, {})
        group = groups.get(log.get("DestinationArn", {}).get("Fn::GetAtt", [""])[0], {})
        if not group.get("RetentionInDays") or group.get("KmsKeyId") != {"Fn::GetAtt": ["StoreKey", "Arn"]}:
            yield f"{logical_id} has no access log that is encrypted and forgets"


def access_logs_with_secrets(template: Template) -> Iterator[str]:
    """No access log holds a query string, which may have a ticket, nor a header, which may have a token."""
    for logical_id, resource in template["Resources"].items():
        for name in ("AccessLogSetting", "AccessLogSettings"):
            logged = resource.get("Properties", {}).get(name, {}).get("Format", "")
            for secret in ("querystring", "header", "$context.path", "authorizer", "sourceIp", "userAgent"):
                if secret.lower() in str(logged).lower():
                    yield f"the access log of {logical_id} holds {secret}"


def pages_without_safe_headers(template: Template) -> Iterator[str]:
    """The web client's pages run no script but their own, stand in no foreign frame, and are fetched over TLS alone."""
    headers = template["Resources"]["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = str(headers.get("ContentSecurityPolicy", {}).get("ContentSecurityPolicy", {}).get("Fn::Sub", ""))
    for part in ("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        if part not in policy:
            yield f"the policy of the pages does not say {part}"
    if "unsafe" in policy:
        yield "the policy of the pages lets unsafe things happen"
    for name in ("ContentTypeOptions", "FrameOptions", "ReferrerPolicy", "StrictTransportSecurity"):
        if not headers.get(name, {}).get("Override"):
            yield f"the pages have no {name}"
    own = template["Resources"]["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"].get(
        "CustomHeadersConfig", {}
    )
    sent = {item["Header"] for item in own.get("Items", []) if item["Override"]}
    for name in sorted({"Cross-Origin-Opener-Policy", "Permissions-Policy"} - sent):
        yield f"the pages have no {name}"
    behaviour = template["Resources"]["WebDistribution"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    if behaviour.get("ResponseHeadersPolicyId") != {"Ref": "WebHeaders"}:
        yield "the pages are served without their headers"
    if behaviour.get("ViewerProtocolPolicy") != "redirect-to-https":
        yield "the pages are served without TLS"


def frames_without_answer(template: Template) -> Iterator[str]:
    """A route of the WebSocket whose function answers has a route response, without which AWS drops the answer."""
    responses = {
        response["RouteId"]["Ref"] for response in resources_of(template, "AWS::ApiGatewayV2::RouteResponse").values()
    }
    for key, route in template["Resources"]["WebSocketApi"]["Properties"]["Routes"].items():
        if key in {"$connect", "$disconnect"}:
            continue
        route_id = f"WebSocketApi{key.removeprefix('$').capitalize()}Route"
        if route.get("RouteResponseSelectionExpression") != "$default" or route_id not in responses:
            yield f"answers to {key} do not reach the client"


OPEN_ROUTES = {route.key for route in all_routes() if route.roles is None} | {("OPTIONS", "/{proxy+}")}
PREFLIGHT = ("OPTIONS", "/{proxy+}")


def statements_of_roles(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every statement of every role and managed policy with its logical id."""
    for logical_id, properties in resources_of(template, "AWS::IAM::Role", "AWS::IAM::ManagedPolicy").items():
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        if "PolicyDocument" in properties:
            documents.append(properties["PolicyDocument"])
        for document in documents:
            for statement in document["Statement"]:
                yield logical_id, statement


def listed(value: Any) -> Sequence[Any]:  # noqa: ANN401 - IAM takes one or several of anything
    """Return one or several as several."""
    return value if isinstance(value, list) else [value]


def variables_of_the_settings() -> set[str]:
    """Return the names of all variables that the settings ask for, by answering them one after another."""
    environment: dict[str, str] = {}
    while True:
        try:
            read_settings(environment)
        except SettingsError as error:
            missing = re.search(r"\b[A-Z][A-Z0-9_]+\b", str(error))
            if missing is None or missing[0] in environment:
                raise
            environment[missing[0]] = "1"
        else:
            return set(environment)
