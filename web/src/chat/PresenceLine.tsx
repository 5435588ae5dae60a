import type { Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";

/** Whether the other party is here, or when they were last; nothing where they do not show it. */
export function PresenceLine({ room }: { room: Room }) {
  const { t, dateTime } = useWords();
  const { identity } = useLive();
  if (identity.role === "admin") return null;
  const presence = room.presence?.[identity.role === "customer" ? room.therapistId : room.customerId];
  if (!presence) return null;
  if (presence.online) {
    return (
      <span className="presence presence-here small" role="status">
        {t("chat.here")}
      </span>
    );
  }
  return presence.lastSeenAt ? <span className="presence small muted">{t("chat.lastSeen", { when: dateTime(presence.lastSeenAt) })}</span> : null;
}
