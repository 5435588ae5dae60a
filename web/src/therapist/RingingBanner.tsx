import { BellOff, BellRing, Check, Volume2 } from "lucide-react";
import { Link, useLocation } from "wouter";
import type { Booking } from "../api/types";
import { useWords } from "../app/AppContext";
import { useBookingCommand } from "../chat/useBookingCommand";
import { Button } from "../ui/controls";
import { useRinging } from "./useRinging";

/** Rings, and says so on every page of the desk. */
export function RingingBanner({ waiting }: { waiting: readonly Booking[] }) {
  const { t } = useWords();
  const ringing = useRinging(waiting);
  const command = useBookingCommand();
  const [location] = useLocation();
  const only = waiting.length === 1 ? waiting[0] : undefined;
  // Requests and chats have their own buttons.
  const canAcceptHere = location !== "/" && !location.startsWith("/chats");
  if (!ringing.isRinging) return null;
  return (
    <div className="ringing" role="alert" data-ringing>
      <BellRing className="ringing-bell" size={24} aria-hidden />
      <p>
        <Link href="/">{t("desk.requests.ringing", { count: waiting.length })}</Link>
        {ringing.isAudible ? null : <span className="small">{t("desk.requests.soundOff")}</span>}
      </p>
      {only && canAcceptHere ? (
        <Button
          size="small"
          look="good"
          icon={<Check size={16} aria-hidden />}
          busy={command.isPending}
          onPress={() => command.mutate({ command: "accept", booking: only })}
        >
          {t("action.accept")}
        </Button>
      ) : null}
      {ringing.isAudible ? (
        <Button size="small" icon={<BellOff size={16} aria-hidden />} onPress={ringing.silence}>
          {t("desk.requests.silence")}
        </Button>
      ) : (
        <Button size="small" icon={<Volume2 size={16} aria-hidden />} onPress={ringing.unlock}>
          {t("desk.requests.enableSound")}
        </Button>
      )}
    </div>
  );
}
