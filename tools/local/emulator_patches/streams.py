"""Where MiniStack keeps and delivers the tables' streams otherwise than DynamoDB and Lambda."""

# ruff: noqa: SLF001 - the emulator has no public seams: this package is where its private names are used

import copy
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ministack.services import dynamodb, lambda_svc


def keep_streams() -> None:
    """Keep what the tables' streams hold over a stop, as AWS does.

    The emulator forgets it, yet remembers how far everybody has read: after a start they would pass over as many new
    changes as they had read of the old ones.
    """
    tables_kept, bring_back_tables = dynamodb.get_state, dynamodb.load_persisted_state
    streams = {"streamRecords": dynamodb._stream_records, "streamTrimmed": dynamodb._stream_trimmed}

    def keep() -> dict[str, Any]:
        return {**tables_kept(), **copy.deepcopy(streams)}

    def bring_back(kept: Mapping[str, Any]) -> None:
        bring_back_tables(kept)
        for name, stream in streams.items():
            stream.update(kept.get(name, {}))

    dynamodb.get_state, dynamodb.load_persisted_state = keep, bring_back


def bring_failed_changes_again() -> None:
    """Bring changes again from the first of which the function says that it failed, as AWS does.

    The emulator lets go of them, though the function has announced with ``ReportBatchItemFailures`` that it will tell.
    What was taken before the first failure is not brought again while the function gets on, so that a batch that
    takes longer than one invocation may is told nonetheless.
    """
    execute_once = lambda_svc._execute_function

    def execute(function: Mapping[str, Any], event: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        result = execute_once(function, event, *arguments, **named)
        while failures := _failures(event, result):
            records = event["Records"]
            failed = {str(failure.get("itemIdentifier")) for failure in failures}
            taken = next((at for at, record in enumerate(records) if record["dynamodb"]["SequenceNumber"] in failed), 0)
            if not taken:
                complaint = f"{len(failures)} changes have not been taken"
                return {**result, "error": True, "body": {"errorType": "BatchItemFailures", "errorMessage": complaint}}
            event = {**event, "Records": records[taken:]}
            result = execute_once(function, event, *arguments, **named)
        return result

    lambda_svc._execute_function = execute


def _failures(event: object, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the changes of a batch from a table's stream that its function has not taken."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not records or records[0].get("eventSource") != "aws:dynamodb":
        return []
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    return failures if isinstance(failures, list) else []


def read_streams_side_by_side() -> None:
    """Read each stream for each function in a thread of its own, as AWS does.

    The emulator reads one after the other in a single thread: a function that takes long over one table's changes
    would keep all others from everybody.
    """
    poll, every_mapping = lambda_svc._poll_dynamodb_streams, lambda_svc._iter_all_esms
    own = threading.local()
    awake: dict[str, threading.Event] = {}

    def mappings() -> Iterable[Any]:
        chosen: Iterable[Any] = getattr(own, "mappings", None) or every_mapping()
        return chosen

    def read(mapping: Any, wakes: threading.Event) -> None:  # noqa: ANN401 - the emulator's own tuple
        own.mappings = [mapping]
        while True:
            wakes.wait()
            wakes.clear()
            try:
                while poll():
                    pass
            except Exception:  # noqa: BLE001 - the thread must go on, as the emulator's own does
                lambda_svc.logger.exception("a stream could not be read")

    def wake_all() -> bool:
        for mapping in every_mapping():
            *_, record = mapping
            if ":dynamodb:" not in record.get("EventSourceArn", ""):
                continue
            name = record["UUID"]
            if name not in awake:
                awake[name] = threading.Event()
                threading.Thread(target=read, args=(mapping, awake[name]), name=f"stream-{name}", daemon=True).start()
            awake[name].set()
        return False

    lambda_svc._iter_all_esms = mappings
    lambda_svc._poll_dynamodb_streams = wake_all
