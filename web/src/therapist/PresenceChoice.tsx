import type { Presence } from "../api/types";
import { useWords } from "../app/AppContext";
import { toast } from "../ui/toasts";
import { useChangeProfile, useProfile } from "./queries";

const PRESENCES: readonly Presence[] = ["online", "busy", "offline"];

/** Online, busy or offline; customers see it at once. */
export function PresenceChoice() {
  const { t } = useWords();
  const profile = useProfile();
  const change = useChangeProfile();
  if (!profile.data) return null;
  const present = change.isPending ? (change.variables.status ?? profile.data.status) : profile.data.status;
  return (
    <label className={`presence-choice presence-${present}`}>
      <span className="presence-dot" aria-hidden />
      <span className="visually-hidden">{t("desk.presence")}</span>
      <select
        value={present}
        onChange={(event) => {
          const status = PRESENCES.find((name) => name === event.target.value) ?? "offline";
          change.mutate(
            { status },
            { onSuccess: () => toast(t("desk.presence.changed", { presence: t(`presence.${status}`) }), "good") },
          );
        }}
      >
        {PRESENCES.map((presence) => (
          <option key={presence} value={presence}>
            {t(`presence.${presence}`)}
          </option>
        ))}
      </select>
    </label>
  );
}
