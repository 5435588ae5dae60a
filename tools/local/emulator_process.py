"""Runs MiniStack in its own environment, ends with its parent, and teaches it what AWS does but it does not.

The first argument names the file that its log goes to, the second a folder of things that nobody needs afterwards.
Standard input must be a pipe that the parent holds open: when it closes, however the parent ended, the emulator stops
cleanly, saves its state and clears that folder away.
"""

import copy
import io
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, lambda_runtime, responses
from ministack.services import apigateway, apigateway_v1, cloudwatch, cloudwatch_logs, dynamodb, lambda_svc

from tools.local.long_partitions import read_long_partitions_in_order

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
SECONDS_BETWEEN_ALARMS = 5.0
WORKERS_PER_FUNCTION = 4
SECONDS_FOR_A_WORKER = 60.0
SECONDS_FOR_LOGS = 0.01


def stop_with_parent(orphaned: threading.Event) -> None:
    """Wait for the end of standard input, then ask this process for a clean stop."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)


def import_gateway_responses() -> None:
    """Let an imported OpenAPI definition bring its gateway responses, as it does on AWS."""
    import_without = apigateway_v1._import_rest_api  # noqa: SLF001 - the emulator has no public seam

    def import_rest_api(definition: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> str:
        api_id: str = import_without(definition, base)
        for response_type, response in (definition.get(GATEWAY_RESPONSES) or {}).items():
            apigateway_v1._put_gateway_response(api_id, response_type, response)  # noqa: SLF001 - no public seam
        return api_id

    apigateway_v1._import_rest_api = import_rest_api  # noqa: SLF001 - the emulator has no public seam


def queue_for_workers() -> None:
    """Let invocations wait in line for one of a few workers of their function, where the emulator starts one for each.

    A worker takes a second of the machine before it answers, so a burst of twenty requests would keep the tables
    from answering anybody. None of our functions invokes another, so no worker is waited for by whom it waits for.
    """
    acquire, release = lambda_svc.acquire_worker, lambda_svc.release_worker
    lines: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(WORKERS_PER_FUNCTION))
    held = threading.local()  # a worker is given back by the thread that took it, even where the worker is lost

    def wait_for_worker(function_name: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        line = lines[function_name]
        if not line.acquire(timeout=SECONDS_FOR_A_WORKER):
            return None, "func_cap"
        held.line = line
        return acquire(function_name, *arguments, **named)

    def give_back(worker: object) -> None:
        release(worker)
        line, held.line = getattr(held, "line", None), None
        if line is not None:
            line.release()

    lambda_svc.acquire_worker = wait_for_worker
    lambda_svc.release_worker = give_back


def share_layers(folder: Path) -> None:
    """Unpack each layer once below ``folder`` for all workers, where the emulator unpacks it anew for each."""
    spawn_alone = lambda_runtime.Worker._spawn  # noqa: SLF001 - the emulator has no public seam
    unpacked: dict[str, Path] = {}
    lock = threading.Lock()

    def unpack(reference: Mapping[str, Any] | str) -> Path:
        name = reference if isinstance(reference, str) else str(reference["Arn"])
        with lock:
            if name not in unpacked:
                target = folder / "layers" / re.sub(r"\W", "-", name)
                with zipfile.ZipFile(io.BytesIO(lambda_svc._resolve_layer_zip(reference))) as archive:  # noqa: SLF001 - no public seam
                    archive.extractall(target)
                unpacked[name] = target
            return unpacked[name]

    def spawn(worker: Any) -> None:  # noqa: ANN401 - the emulator's own class
        config = worker.config
        folders = os.pathsep.join(str(unpack(layer)) for layer in config.get("Layers", []))
        variables = {**config.get("Environment", {}).get("Variables", {}), "_LAMBDA_LAYERS_DIRS": folders}
        worker.config = {**config, "Layers": [], "Environment": {"Variables": variables}}
        try:
            spawn_alone(worker)
        finally:
            worker.config = config

    lambda_runtime.Worker._spawn = spawn  # noqa: SLF001 - no public seam


def answer_before_the_logs() -> None:
    """Wait a hundredth of a second for what a function may have logged; silent ones would answer 50 ms late."""
    drain = lambda_runtime.Worker._drain_stderr_bounded  # noqa: SLF001 - the emulator has no public seam
    lambda_runtime.Worker._drain_stderr_bounded = lambda worker: drain(worker, first_line_wait=SECONDS_FOR_LOGS)  # noqa: SLF001 - no public seam


def let_a_failed_start_fail_alone() -> None:
    """Let a worker that dies at its start cost the one invocation that it was started for, as it does on AWS.

    The emulator would end every worker of that function, the busy and the starting ones included, whose
    invocations then do the same to those that have come after them: under load that never ends.
    """
    start_and_invoke = lambda_runtime.Worker.invoke

    def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        try:
            return start_and_invoke(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - whatever kept it from starting
            return {"status": "error", "error": str(error)}

    lambda_runtime.Worker.invoke = invoke


def keep_streams() -> None:
    """Keep what the tables' streams hold over a stop, as AWS does.

    The emulator forgets it, yet remembers how far everybody has read: after a start they would pass over as many new
    changes as they had read of the old ones.
    """
    tables_kept, bring_back_tables = dynamodb.get_state, dynamodb.load_persisted_state
    streams = {"streamRecords": dynamodb._stream_records, "streamTrimmed": dynamodb._stream_trimmed}  # noqa: SLF001 - the emulator has no public seam

    def keep() -> dict[str, Any]:
        return {**tables_kept(), **copy.deepcopy(streams)}

    def bring_back(kept: Mapping[str, Any]) -> None:
        bring_back_tables(kept)
        for name, stream in streams.items():
            stream.update(kept.get(name, {}))

    dynamodb.get_state, dynamodb.load_persisted_state = keep, bring_back


def hide_crashes() -> None:
    """Answer a crashed function with the gateway's DEFAULT_5XX response, as AWS does, never with its exception."""
    invoke_openly = apigateway_v1._invoke_lambda_proxy_v1  # noqa: SLF001 - the emulator has no public seam

    async def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        answer = await invoke_openly(*arguments, **named)
        crashed = isinstance(answer, tuple) and answer[0] == 502 and set(answer[1]) == {"Content-Type"}  # noqa: PLR2004 - the status that only the emulator itself answers
        return apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error") if crashed else answer  # noqa: SLF001 - no public seam

    apigateway_v1._invoke_lambda_proxy_v1 = invoke  # noqa: SLF001 - the emulator has no public seam


def hide_crashes_from_sockets() -> None:
    """Answer a frame whose function crashed as AWS does, in JSON, never with what became of its worker."""
    invoke_openly = apigateway._invoke_ws_lambda  # noqa: SLF001 - the emulator has no public seam
    place_of_connection_id, place_of_message_id = 5, 7

    async def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        answer = await invoke_openly(*arguments, **named)
        if not isinstance(answer, dict) or set(answer) != {"statusCode", "body"} or answer["statusCode"] != 500:  # noqa: PLR2004 - the status that only the emulator itself answers
            return answer
        body = {
            "message": "Internal server error",
            "connectionId": arguments[place_of_connection_id],
            "requestId": arguments[place_of_message_id],
        }
        return {"statusCode": 500, "body": json.dumps(body)}

    apigateway._invoke_ws_lambda = invoke  # noqa: SLF001 - the emulator has no public seam


def see_the_real_address() -> None:
    """Tell functions the address that a request really came from, as AWS does, not what its headers claim."""
    invoke_believing = apigateway_v1._invoke_lambda_proxy_v1  # noqa: SLF001 - the emulator has no public seam
    place_of_headers = 7

    async def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        given = list(arguments)
        given[place_of_headers] = {**given[place_of_headers], "x-forwarded-for": responses.get_request_client_ip()}
        return await invoke_believing(*given, **named)

    apigateway_v1._invoke_lambda_proxy_v1 = invoke  # noqa: SLF001 - the emulator has no public seam


def note_rights(file: Path) -> None:
    """Write down, once each, which principal wanted to do what on what, and whether it might.

    Only under ``AUTH=true``, when the emulator judges requests by the roles of the template.
    """
    judge = iam_evaluator.enforce
    noted: set[str] = set()
    lock = threading.Lock()

    def judge_and_note(access_key_id: str, iam_action: str, service: str, region: str, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        refusal = judge(access_key_id, iam_action, service, region, **named)
        principal = iam_evaluator.resolve_principal(access_key_id or "", responses.get_account_id())
        entry = {
            "principal": getattr(principal, "arn", ""),
            "action": iam_action,
            "resource": named.get("resource_arn", "*"),
            "allowed": refusal is None,
        }
        line = json.dumps(entry, sort_keys=True)
        with lock:
            if line not in noted:
                noted.add(line)
                with file.open("a", encoding="utf-8") as log:
                    log.write(line + "\n")
        return refusal

    iam_evaluator.enforce = judge_and_note


def match_any_term() -> None:
    """Let the filter of a log subscription mean any of its terms where it says so: ``?ERROR ?"Task timed out"``."""
    all_of = cloudwatch_logs._subscription_pattern_matches  # noqa: SLF001 - the emulator has no public seam

    def matches(pattern: str, message: str) -> bool:
        terms = re.findall(r'\?(?:"([^"]+)"|(\S+))', pattern or "")
        if not terms:
            return bool(all_of(pattern, message))
        return any((quoted or word) in (message or "") for quoted, word in terms)

    cloudwatch_logs._subscription_pattern_matches = matches  # noqa: SLF001 - no public seam


def bring_failed_changes_again() -> None:
    """Bring a batch of changes again of which the function says that some failed; AWS begins with the first of those.

    The emulator lets go of them, though the function has announced with ``ReportBatchItemFailures`` that it will tell.
    """
    execute_once = lambda_svc._execute_function  # noqa: SLF001 - the emulator has no public seam

    def execute(function: Mapping[str, Any], event: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        result = execute_once(function, event, *arguments, **named)
        body, records = result.get("body"), event.get("Records") if isinstance(event, dict) else None
        failures = body.get("batchItemFailures") if isinstance(body, dict) else None
        if not failures or not records or records[0].get("eventSource") != "aws:dynamodb":
            return result
        complaint = {"errorType": "BatchItemFailures", "errorMessage": f"{len(failures)} changes have not been taken"}
        return {**result, "error": True, "body": complaint}

    lambda_svc._execute_function = execute  # noqa: SLF001 - no public seam


def read_function_logs() -> None:
    """Take metrics out of what functions print (embedded metric format), and log invocations that ran out of time."""
    emit = lambda_svc._emit_lambda_logs  # noqa: SLF001 - the emulator has no public seam
    judged_at = 0.0

    def emit_and_read(
        func: Mapping[str, Any],
        request_id: str,
        log_text: str,
        error: bool,  # noqa: FBT001 - the signature is the emulator's
        duration_ms: int,
        **named: Any,  # noqa: ANN401 - passes through what it does not know
    ) -> None:
        nonlocal judged_at
        allowed = (func.get("config") or func).get("Timeout", 3)
        if error and duration_ms >= allowed * 1000:
            log_text = f"{log_text}\n{request_id} Task timed out after {allowed}.00 seconds"
        emit(func, request_id, log_text, error, duration_ms, **named)
        for line in (log_text or "").splitlines():
            if line.startswith("{") and '"_aws"' in line:
                _store_metrics(line)
        if time.monotonic() - judged_at > SECONDS_BETWEEN_ALARMS:
            judged_at = time.monotonic()
            cloudwatch._evaluate_all_alarms()  # noqa: SLF001 - no public seam

    lambda_svc._emit_lambda_logs = emit_and_read  # noqa: SLF001 - no public seam


def _store_metrics(line: str) -> None:
    """Store what one line says; one that is not in the format says nothing."""
    try:
        entry = json.loads(line)
        for directive in entry["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: str(entry[name]) for name in names}
                for metric in directive["Metrics"]:
                    value = entry[metric["Name"]]
                    cloudwatch._store_datum(  # noqa: SLF001 - no public seam
                        directive["Namespace"],
                        metric["Name"],
                        dimensions,
                        entry["_aws"]["Timestamp"] / 1000,
                        metric.get("Unit", "None"),
                        None,
                        value if isinstance(value, list) else [value],
                        None,
                        None,
                    )
    except (KeyError, TypeError, ValueError):
        return


def main() -> None:
    """Serve until told to stop."""
    scratch = sys.argv.pop(2)
    with Path(sys.argv.pop(1)).open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    import_gateway_responses()
    see_the_real_address()
    hide_crashes()
    hide_crashes_from_sockets()
    queue_for_workers()
    share_layers(Path(scratch))
    keep_streams()
    read_long_partitions_in_order()
    answer_before_the_logs()
    let_a_failed_start_fail_alone()
    if rights := os.environ.get("RIGHTS_LOG"):
        note_rights(Path(rights))
    match_any_term()
    bring_failed_changes_again()
    read_function_logs()
    orphaned = threading.Event()
    threading.Thread(target=stop_with_parent, args=[orphaned], daemon=True).start()
    try:
        app.main()
    finally:
        if orphaned.is_set():
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
