"""Where MiniStack keeps and delivers the tables' streams otherwise than DynamoDB and Lambda."""

# ruff: noqa: SLF001 - the emulator has no public seams: this package is where its private names are used

import copy
from collections.abc import Mapping
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
    """Bring a batch of changes again of which the function says that some failed; AWS begins with the first of those.

    The emulator lets go of them, though the function has announced with ``ReportBatchItemFailures`` that it will tell.
    """
    execute_once = lambda_svc._execute_function

    def execute(function: Mapping[str, Any], event: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        result = execute_once(function, event, *arguments, **named)
        body, records = result.get("body"), event.get("Records") if isinstance(event, dict) else None
        failures = body.get("batchItemFailures") if isinstance(body, dict) else None
        if not failures or not records or records[0].get("eventSource") != "aws:dynamodb":
            return result
        complaint = {"errorType": "BatchItemFailures", "errorMessage": f"{len(failures)} changes have not been taken"}
        return {**result, "error": True, "body": complaint}

    lambda_svc._execute_function = execute
