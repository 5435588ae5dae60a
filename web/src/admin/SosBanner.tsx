import { Siren, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { ServerEvent } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { IconButton } from "../ui/controls";

type Sos = Extract<ServerEvent, { type: "sos" }>;

/** Calls for help as they come in, on every page of an admin, until somebody has looked. */
export function SosBanner() {
  const { t, time } = useWords();
  const { realtime } = useLive();
  const [calls, setCalls] = useState<readonly Sos[]>([]);
  useEffect(
    () =>
      realtime.session.onEvent((event) => {
        if (event.type !== "sos") return;
        setCalls((former) => [event, ...former.filter((call) => call.bookingId !== event.bookingId || call.at !== event.at)]);
        ring();
      }),
    [realtime],
  );
  if (calls.length === 0) return null;
  return (
    <div className="sos-calls" role="alert">
      {calls.map((call) => (
        <div key={`${call.bookingId} ${call.at}`} className="notice notice-bad sos-call" data-sos={call.bookingId}>
          <Siren size={22} aria-hidden />
          <div className="sos-words">
            <strong>{t("sos.calls", { role: t(`role.${call.role}`), time: time(call.at) })}</strong>
            {call.text ? <span className="lines-kept">{call.text}</span> : null}
            <span className="row">
              <Link href={`/chats/${call.conversationId}`}>{t("desk.requests.openChat")}</Link>
              {call.latitude === null ? (
                <span>{t("sos.noPlace")}</span>
              ) : (
                <a
                  href={`https://www.google.com/maps/search/?api=1&query=${call.latitude},${call.longitude ?? 0}`}
                  target="_blank"
                  rel="noopener noreferrer"
                >
                  {t("chat.openMap")}
                </a>
              )}
            </span>
          </div>
          <IconButton
            label={t("common.close")}
            icon={<X size={18} aria-hidden />}
            onPress={() => setCalls((former) => former.filter((other) => other !== call))}
          />
        </div>
      ))}
    </div>
  );
}

/** Three short tones; a page that nobody has touched yet must stay silent. */
function ring(): void {
  try {
    const context = new AudioContext();
    for (const [index, pitch] of [880, 660, 880].entries()) {
      const tone = context.createOscillator();
      const at = context.currentTime + index * 0.35;
      tone.frequency.value = pitch;
      tone.connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.25);
    }
    window.setTimeout(() => void context.close(), 2_000);
  } catch {
    // No sound here.
  }
}
