import { BellOff, BellRing, Volume2 } from "lucide-react";
import { Link } from "wouter";
import type { Booking } from "../api/types";
import { useWords } from "../app/AppContext";
import { Button } from "../ui/controls";
import { useRinging } from "./useRinging";

/** Rings, and says so on every page of the desk. */
export function RingingBanner({ waiting }: { waiting: readonly Booking[] }) {
  const { t } = useWords();
  const ringing = useRinging(waiting);
  if (!ringing.isRinging) return null;
  return (
    <div className="ringing" role="alert" data-ringing>
      <BellRing className="ringing-bell" size={24} aria-hidden />
      <p>
        <Link href="/">{t("desk.requests.ringing", { count: waiting.length })}</Link>
        {ringing.isAudible ? null : <span className="small">{t("desk.requests.soundOff")}</span>}
      </p>
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
