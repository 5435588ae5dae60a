"""What creating, sending and listing cost our functions: warm, under Lambda's runtime client, see bench/starts.py."""

from typing import Final

from bench import starts

FUNCTIONS: Final = {"create": "CreateBookingFunction", "send": "SendMessageFunction", "page": "ReadChatFunction"}


def our_costs(*, rounds: int, calls: int) -> dict[str, float]:
    """Return the milliseconds of CPU of a warm call of each kind, as the median of rounds that take turns.

    Raises:
        RuntimeError: a function answers otherwise than it should.
    """
    found = starts.measured(starts.programs([*FUNCTIONS.values()], with_naive=False), rounds=rounds, calls=calls)
    return {kind: found[name]["warm"] for kind, name in FUNCTIONS.items()}
