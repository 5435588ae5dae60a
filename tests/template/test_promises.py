"""The promises of template.yaml hold, and each check sees a planted violation."""

from collections.abc import Callable, Iterator

import pytest

from tests.cloudformation import Template, functions_of, load_template
from tests.template import promises


def _forget_retention(template: Template) -> None:
    del template["Resources"]["FunctionLogGroup"]["Properties"]["RetentionInDays"]


def _log_elsewhere(template: Template) -> None:
    functions_of(template)["CreateBookingFunction"]["LoggingConfig"] = {"LogGroup": {"Ref": "RecorderLogGroup"}}


def _drop_failure_destination(template: Template) -> None:
    del functions_of(template)["ExpireBookingsFunction"]["EventInvokeConfig"]


def _drop_bisecting(template: Template) -> None:
    events = functions_of(template)["PublishChangesFunction"]["Events"]
    del events["BookingChanges"]["Properties"]["BisectBatchOnFunctionError"]


def _fail_whole_batches(template: Template) -> None:
    events = functions_of(template)["PublishChangesFunction"]["Events"]
    events["BookingChanges"]["Properties"]["FunctionResponseTypes"] = []


def _try_for_ever(template: Template) -> None:
    events = functions_of(template)["PublishChangesFunction"]["Events"]
    events["BookingChanges"]["Properties"]["MaximumRetryAttempts"] = -1


def _forget_a_queue(template: Template) -> None:
    del template["Resources"]["ParkedChangesAlarm"]


def _let_many_wait(template: Template) -> None:
    template["Resources"]["FailedInvocationsAlarm"]["Properties"]["Threshold"] = 100


def _keep_for_a_minute(template: Template) -> None:
    template["Resources"]["ParkedChangesQueue"]["Properties"]["MessageRetentionPeriod"] = 60


def _add_a_queue(template: Template) -> None:
    template["Resources"]["FaxQueue"] = {"Type": "AWS::SQS::Queue", "Properties": {}}


def _forget_the_topic(template: Template) -> None:
    statement = template["Resources"]["StoreKey"]["Properties"]["KeyPolicy"]["Statement"][1]
    services = statement["Condition"]["StringEquals"]["kms:ViaService"]
    services[:] = [each for each in services if "sns" not in each["Fn::Sub"]]


def _allow_every_action(template: Template) -> None:
    role = template["Resources"]["CreateBookingRole"]["Properties"]
    role["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"] = "dynamodb:*"


def _allow_on_anything(template: Template) -> None:
    role = template["Resources"]["CreateBookingRole"]["Properties"]
    role["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] = "*"


def _share_a_role(template: Template) -> None:
    functions = functions_of(template)
    functions["CreateBookingFunction"]["Role"] = functions["AcceptBookingFunction"]["Role"]


def _run_other_code(template: Template) -> None:
    functions_of(template)["CreateBookingFunction"]["CodeUri"] = "functions/accept_booking"


def _forget_a_function(template: Template) -> None:
    del template["Resources"]["CreateBookingFunction"]


def _unset_a_variable(template: Template) -> None:
    del template["Globals"]["Function"]["Environment"]["Variables"]["SEALING_SECRET_ID"]


def _paths(template: Template) -> Template:
    paths: Template = template["Resources"]["RestApi"]["Properties"]["DefinitionBody"]["paths"]
    return paths


def _open_a_door(template: Template) -> None:
    _paths(template)["/bookings"]["post"]["security"] = [{"NONE": []}]


def _lose_a_route(template: Template) -> None:
    del _paths(template)["/bookings"]["post"]


def _add_a_route(template: Template) -> None:
    _paths(template)["/another"] = {"get": _paths(template)["/bookings"]["get"]}


def _mix_up_routes(template: Template) -> None:
    operations = _paths(template)["/bookings"]
    operations["get"], operations["post"] = operations["post"], operations["get"]


def _make_a_route_an_event(template: Template) -> None:
    event = {"Type": "Api", "Properties": {"Method": "get", "Path": "/another"}}
    functions_of(template)["CreateBookingFunction"]["Events"] = {"Another": event}


def _forget_to_permit_a_call(template: Template) -> None:
    del template["Resources"]["CreateBookingPermission"]


def _permit_a_call_that_nobody_makes(template: Template) -> None:
    permission = template["Resources"]["CreateBookingPermission"]["Properties"]
    permission["FunctionName"] = {"Ref": "PublishChangesFunction.Alias"}


def _drop_encryption(template: Template) -> None:
    del template["Resources"]["BookingsTable"]["Properties"]["SSESpecification"]


def _delete_with_the_stack(template: Template) -> None:
    del template["Resources"]["BookingsTable"]["DeletionPolicy"]


def _keep_messages(template: Template) -> None:
    del template["Resources"]["ChatMessagesTable"]["Properties"]["TimeToLiveSpecification"]


def _rules_of_files(template: Template) -> list[Template]:
    rules: list[Template] = template["Resources"]["UploadsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    return rules


def _keep_files(template: Template) -> None:
    _rules_of_files(template)[:] = [rule for rule in _rules_of_files(template) if rule.get("Prefix") != "rooms/"]


def _drop_proofs(template: Template) -> None:
    _rules_of_files(template).append({"Status": "Enabled", "Prefix": "proofs/", "ExpirationInDays": 30})


def _silence_an_alarm(template: Template) -> None:
    del template["Resources"]["SweepAgeAlarm"]["Properties"]["AlarmActions"]


def _leave_alone_with_an_alarm(template: Template) -> None:
    alarm = template["Resources"]["SweepAgeAlarm"]["Properties"]
    alarm["AlarmDescription"] = "Something is wrong. docs/operating.md#there-is-no-such-chapter"


def _answer_403_for_unknown_routes(template: Template) -> None:
    responses = template["Resources"]["RestApi"]["Properties"]["GatewayResponses"]
    responses["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] = 403


def _never_say_when_to_try_again(template: Template) -> None:
    responses = template["Resources"]["RestApi"]["Properties"]["GatewayResponses"]
    del responses["THROTTLED"]["ResponseParameters"]["Headers"]["Retry-After"]


def _drop_a_route_response(template: Template) -> None:
    del template["Resources"]["WebSocketSendMessageAnswer"]


def _sniff(template: Template) -> None:
    responses = template["Resources"]["RestApi"]["Properties"]["GatewayResponses"]
    del responses["THROTTLED"]["ResponseParameters"]["Headers"]["X-Content-Type-Options"]


def _serve_bare(template: Template) -> None:
    distribution = template["Resources"]["WebDistribution"]["Properties"]["DistributionConfig"]
    del distribution["DefaultCacheBehavior"]["ResponseHeadersPolicyId"]


def _let_pages_use_the_camera(template: Template) -> None:
    policy = template["Resources"]["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy["CustomHeadersConfig"]["Items"] = [
        item for item in policy["CustomHeadersConfig"]["Items"] if item["Header"] != "Permissions-Policy"
    ]


def _allow_inline_scripts(template: Template) -> None:
    headers = template["Resources"]["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    policy["Fn::Sub"][0] += "; script-src 'self' 'unsafe-inline'"


def _log_no_frames(template: Template) -> None:
    del template["Resources"]["WebSocketApi"]["Properties"]["AccessLogSettings"]


def _log_for_ever(template: Template) -> None:
    del template["Resources"]["RestAccessLogGroup"]["Properties"]["RetentionInDays"]


def _log_tickets(template: Template) -> None:
    log = template["Resources"]["RestApi"]["Properties"]["AccessLogSetting"]
    log["Format"] = '{"ticket":"$context.requestOverride.querystring.ticket"}'


PLANTED: list[tuple[Callable[[Template], Iterator[str]], Callable[[Template], None]]] = [
    (promises.functions_without_log_retention, _forget_retention),
    (promises.talk_kept_for_ever, _keep_messages),
    (promises.talk_kept_for_ever, _keep_files),
    (promises.talk_kept_for_ever, _drop_proofs),
    (promises.functions_without_log_retention, _log_elsewhere),
    (promises.asynchronous_work_without_failure_destination, _drop_failure_destination),
    (promises.asynchronous_work_without_failure_destination, _drop_bisecting),
    (promises.asynchronous_work_without_failure_destination, _fail_whole_batches),
    (promises.asynchronous_work_without_failure_destination, _try_for_ever),
    (promises.queues_without_alarm, _forget_a_queue),
    (promises.queues_without_alarm, _let_many_wait),
    (promises.queues_without_alarm, _keep_for_a_minute),
    (promises.queues_without_tls, _add_a_queue),
    (promises.services_that_may_not_use_the_key, _forget_the_topic),
    (promises.permissions_with_wildcards, _allow_every_action),
    (promises.permissions_with_wildcards, _allow_on_anything),
    (promises.functions_sharing_roles, _share_a_role),
    (promises.functions_named_otherwise_than_their_folder, _run_other_code),
    (promises.functions_named_otherwise_than_their_folder, _forget_a_function),
    (promises.settings_that_are_not_set, _unset_a_variable),
    (promises.routes_that_differ_from_the_contract, _open_a_door),
    (promises.routes_that_differ_from_the_contract, _lose_a_route),
    (promises.routes_that_differ_from_the_contract, _add_a_route),
    (promises.routes_that_differ_from_the_contract, _mix_up_routes),
    (promises.routes_that_differ_from_the_contract, _make_a_route_an_event),
    (promises.functions_that_the_gateway_may_not_call, _forget_to_permit_a_call),
    (promises.functions_that_the_gateway_may_not_call, _permit_a_call_that_nobody_makes),
    (promises.tables_without_protection, _drop_encryption),
    (promises.tables_without_protection, _delete_with_the_stack),
    (promises.alarms_that_lead_nowhere, _silence_an_alarm),
    (promises.alarms_that_lead_nowhere, _leave_alone_with_an_alarm),
    (promises.gateway_answers_that_are_no_problems, _answer_403_for_unknown_routes),
    (promises.gateway_answers_that_are_no_problems, _never_say_when_to_try_again),
    (promises.gateway_answers_that_are_no_problems, _sniff),
    (promises.pages_without_safe_headers, _serve_bare),
    (promises.pages_without_safe_headers, _let_pages_use_the_camera),
    (promises.pages_without_safe_headers, _allow_inline_scripts),
    (promises.gateways_without_access_log, _log_no_frames),
    (promises.gateways_without_access_log, _log_for_ever),
    (promises.access_logs_with_secrets, _log_tickets),
    (promises.frames_without_answer, _drop_a_route_response),
]


@pytest.mark.parametrize("violations", dict.fromkeys(check for check, _ in PLANTED), ids=lambda check: check.__name__)
def test_the_template_has_no(violations: Callable[[Template], Iterator[str]]) -> None:
    assert list(violations(load_template())) == []


@pytest.mark.parametrize(("violations", "plant"), PLANTED, ids=lambda function: function.__name__)
def test_a_planted_violation_is_seen(
    violations: Callable[[Template], Iterator[str]], plant: Callable[[Template], None]
) -> None:
    template = load_template()
    before = list(violations(template))

    plant(template)

    assert set(violations(template)) - set(before)
