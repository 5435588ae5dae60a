import { BellOff, BellRing, CircleAlert, Radio } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { useWords } from "../app/AppContext";
import { useConnection, useLive } from "../app/LiveContext";
import { canPush, isPushed } from "../app/push";
import { toast } from "../ui/toasts";
import { Button } from "../ui/controls";
import { useAnswered, useChangeProfile, useProfile } from "./queries";

/** A first connection may take so long, in milliseconds, before it is called missing. */
const FIRST_CONNECTION = 12_000;

/** Whether customers can book, by which ways a request would get here, and what was missed last: the truth of it. */
export function ReachBar() {
  const words = useWords();
  const { t } = words;
  const { identity } = useLive();
  const connection = useConnection();
  const isComing = useIsComing(connection === "open");
  const profile = useProfile();
  const change = useChangeProfile();
  const missed = useAnswered().items.find(({ status }) => status === "expired");
  // It keeps its room, so that nothing jumps when it is here.
  if (!profile.data) return <div className="reach reach-room" aria-hidden />;
  const { status, whatsApp, timeZone } = profile.data;
  const isOnline = status === "online";
  const ways = { page: connection === "open", push: canPush() && isPushed(identity.userId), whatsApp: whatsApp !== null };
  const isReached = Object.values(ways).some(Boolean);
  // Nobody is alarmed while the first connection is still on its way.
  if (isOnline && !isReached && isComing) return <div className="reach reach-room" aria-hidden />;
  const look = !isOnline ? "reach-off" : isReached ? "reach-on" : "reach-lost";
  return (
    <aside className={`reach ${look}`} aria-label={t("desk.reach.label")} data-reach={look}>
      {look === "reach-on" ? <Radio size={20} aria-hidden /> : look === "reach-off" ? <BellOff size={20} aria-hidden /> : <CircleAlert size={20} aria-hidden />}
      <div className="reach-text">
        <p>
          <strong>{t(look === "reach-on" ? "desk.reach.on" : look === "reach-off" ? `desk.reach.${status === "busy" ? "busy" : "off"}` : "desk.reach.lost")}</strong>
        </p>
        <ul className="reach-ways">
          <Way isOn={ways.page} text={t(ways.page ? "desk.reach.page" : "desk.reach.pageNot")} />
          <Way isOn={ways.push} text={t(ways.push ? "desk.reach.push" : "desk.reach.pushNot")} />
          <Way isOn={ways.whatsApp} text={t(ways.whatsApp ? "desk.reach.whatsApp" : "desk.reach.whatsAppNot")} />
          {missed ? <li>{t("desk.reach.missed", { time: words.dateTime(missed.responseDeadline, timeZone) })}</li> : null}
        </ul>
      </div>
      {isOnline ? null : (
        <Button
          size="small"
          look="good"
          busy={change.isPending}
          onPress={() => change.mutate({ status: "online" }, { onSuccess: () => toast(t("desk.presence.changed", { presence: t("presence.online") }), "good") })}
        >
          {t("desk.reach.goOnline")}
        </Button>
      )}
      {isOnline && !(ways.push || ways.whatsApp) ? (
        <Link href="/settings" className="button button-secondary button-small">
          {t("desk.reach.setUp")}
        </Link>
      ) : null}
    </aside>
  );
}

/** Whether there has been no connection yet, and it is too early to miss it. */
function useIsComing(isOpen: boolean): boolean {
  const [isComing, setIsComing] = useState(true);
  useEffect(() => {
    if (isOpen) setIsComing(false);
    const timer = window.setTimeout(() => setIsComing(false), FIRST_CONNECTION);
    return () => window.clearTimeout(timer);
  }, [isOpen]);
  return isComing;
}

function Way({ isOn, text }: { isOn: boolean; text: string }) {
  return (
    <li className={isOn ? "reach-way" : "reach-way reach-way-off"}>
      {isOn ? <BellRing size={14} aria-hidden /> : <BellOff size={14} aria-hidden />}
      {text}
    </li>
  );
}
