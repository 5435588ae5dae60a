"""Sessions: signing somebody out everywhere, which the audit log of that person tells."""

from datetime import datetime
from typing import final

from marketplace.identity.connections import Connections
from marketplace.identity.sign_outs import SignOuts
from marketplace.platform.aws.sockets import Sockets
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.audit_log import Change, history_put


@final
class Sessions:
    """Everybody's sign-ins and sockets."""

    def __init__(self, sign_outs: SignOuts, connections: Connections, sockets: Sockets) -> None:
        """End sign-ins by ``sign_outs``, and the ``connections`` behind ``sockets``."""
        self._sign_outs = sign_outs
        self._connections = connections
        self._sockets = sockets

    def end(self, user_id: str, *, by: Caller, now: datetime) -> int:
        """End every session of a person, in the name of themselves or an admin; return how many sockets were closed.

        Earlier sign-ins become void first, so that no new socket can open; then the open ones are closed.
        """
        self._sign_outs.add(user_id, now=now, beside=[history_put(_signed_out(user_id, by, now))])
        return self._sockets.close(self._connections.find_by_users([user_id]))


def _signed_out(user_id: str, by: Caller, now: datetime) -> Change:
    return Change(
        entity_id=user_id,
        entry_id=f"{format_utc(now)}#sign-out",
        at=now,
        version=1,
        actor=by.user_id,
        actor_role=by.role,
        action="signed_out",
        from_status=None,
        to_status="signed_out",
        reason=None,
        before=None,
        after={"signedOutAt": format_utc(now)},
    )
