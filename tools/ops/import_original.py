"""`make import`: brings the original system's exported collections into a stack; it may be repeated.

Reads ``therapists.json``, ``bookings.json``, ``chat_rooms.json``, ``chat_messages.json`` and
``commission_records.json`` from a folder, as far as they are there: lists of documents with ``$id``, ``$createdAt``
and the attributes of the original. What cannot be taken is refused with a reason, in ``refused.jsonl`` of that folder;
all else is brought in once, under its own ids. Nobody is told of anything: it happened elsewhere.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import Dependency
from tools.command_line import OneLineParser
from tools.ops.original.export import (
    FILES,
    REFUSED,
    Import,
    Outcome,
    UnreadableError,
    Verdict,
    counted,
    documents_in,
)
from tools.ops.original.stack import Target
from tools.ops.verify import stack_of

if TYPE_CHECKING:
    from tools.local.tables_read import Stack

_LONGEST_REASONS: Final = 20


def report_of(verdicts: list[Verdict], made_anew: int) -> str:
    """Return what became of each file's documents, in numbers that add up, and why some were refused."""
    numbers = counted(verdicts)
    lines = [f"{'':24}{'documents':>11}" + "".join(f"{outcome.value:>15}" for outcome in Outcome)]
    for name, ends in (*numbers.items(), ("in all", sum(numbers.values(), Counter[Outcome]()))):
        lines.append(f"{name:24}{ends.total():>11}" + "".join(f"{ends[outcome]:>15}" for outcome in Outcome))
    reasons = Counter((each.file, each.reason) for each in verdicts if each.outcome is Outcome.REFUSED)
    if reasons:
        lines += ["", "refused:"]
        lines += [f"{number:>6}  {file}: {reason}" for (file, reason), number in reasons.most_common(_LONGEST_REASONS)]
    if made_anew:
        lines += ["", f"{made_anew} confirmed bookings had no record of their commission; it was made as it follows"]
    return "\n".join(lines)


def write_refused(folder: Path, verdicts: list[Verdict]) -> Path:
    """Write what was refused and why, a line each, in the place of what an earlier run refused."""
    path = folder / REFUSED
    lines = (
        json.dumps({"file": each.file, "document": each.place, "$id": each.id, "reason": each.reason})
        for each in verdicts
        if each.outcome is Outcome.REFUSED
    )
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def parameters_of(stack: "Stack") -> Mapping[str, str]:
    """Return the template's parameters of a stack."""
    cloudformation: Any = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    described = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
    return {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", [])}


def run(folder: Path, stack: "Stack", *, dry: bool) -> tuple[list[Verdict], int]:
    """Bring the folder into the stack; return what became of each document, and how many commissions were made.

    Raises:
        UnreadableError: a file is no list of documents.
    """
    documents = documents_in(folder)
    if not documents:
        raise UnreadableError(why=f"{folder} has none of {', '.join(FILES)}")
    parameters = parameters_of(stack)
    dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
    kept_for = timedelta(days=int(parameters.get("ChatRetentionDays", "180")))
    target = Target(Store(Dependency("dynamodb", dynamodb), f"{stack.name}-"), kept_for=kept_for, dry=dry)
    importing = Import(documents, target, utc_now(), due_days=int(parameters.get("CommissionDueDays", "7")))
    return importing.run(), importing.made_anew


def main() -> int:
    """Import what the command line names; the exit code says whether all files could be read."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, written with your credentials")
    parser.add_argument("--from", dest="folder", required=True, help="the folder with the exported collections")
    parser.add_argument("--dry", action="store_true", help="change nothing, and say what would happen")
    chosen = parser.parse_args()
    folder = Path(chosen.folder)
    if not chosen.folder or not folder.is_dir():
        print(f"FROM is no folder: {chosen.folder!r}", file=sys.stderr)
        return 2
    try:
        stack = stack_of(chosen.outputs, chosen.stack)
        verdicts, made_anew = run(folder, stack, dry=chosen.dry)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except UnreadableError as error:
        print(f"not imported: {error}", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError, ServiceUnavailable) as error:
        print(f"stopped, and may be repeated: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print(report_of(verdicts, made_anew))
    if any(each.outcome is Outcome.REFUSED for each in verdicts):
        print(f"\nwhich ones: {write_refused(folder, verdicts)}")
    else:
        (folder / REFUSED).unlink(missing_ok=True)
    if chosen.dry:
        print("\nnothing was changed (DRY=1)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
