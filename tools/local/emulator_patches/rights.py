"""Lets MiniStack write down which rights are used, for the tests of least privilege."""

import json
import threading
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator, responses


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
