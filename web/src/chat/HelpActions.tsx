import { useMutation } from "@tanstack/react-query";
import { Share2, Siren } from "lucide-react";
import { useState } from "react";
import { answer } from "../api/client";
import type { Booking } from "../api/types";
import { problemText, useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { serverNow } from "../app/serverClock";
import { Button, Field } from "../ui/controls";
import { plainLines } from "../ui/plainText";
import { Sheet } from "../ui/Sheet";
import { toast } from "../ui/toasts";
import { whereAmI } from "./position";

const HELP_AFTER_END = 2 * 3_600_000;

/** Calling for help, and letting a friend follow, from the confirmation until two hours after the planned end. */
export function HelpActions({ booking }: { booking: Booking }) {
  const { t } = useWords();
  const { identity } = useLive();
  const [isCalling, setIsCalling] = useState(false);
  const isOn = ["confirmed", "completed", "no_show"].includes(booking.status);
  const isOver = booking.endsAt === null || serverNow() >= Date.parse(booking.endsAt) + HELP_AFTER_END;
  if (identity.role === "admin" || !isOn || isOver) return null;
  return (
    <div className="row">
      <Button size="small" look="danger" icon={<Siren size={16} aria-hidden />} onPress={() => setIsCalling(true)}>
        {t("sos.open")}
      </Button>
      {booking.status === "confirmed" ? <ShareVisit booking={booking} /> : null}
      {isCalling ? <HelpSheet booking={booking} onClose={() => setIsCalling(false)} /> : null}
    </div>
  );
}

/** One press calls; the place goes along if the device tells it quickly. */
function HelpSheet({ booking, onClose }: { booking: Booking; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const [text, setText] = useState("");
  const call = useMutation({
    mutationFn: async () => {
      const place = await Promise.race([whereAmI().catch(() => null), new Promise<null>((done) => window.setTimeout(() => done(null), 3_000))]);
      const said = plainLines(text);
      const body = {
        ...(place && place.latitude != null && place.longitude != null ? { latitude: place.latitude, longitude: place.longitude } : {}),
        ...(said ? { text: said } : {}),
      };
      return answer(api.POST("/bookings/{bookingId}/sos", { params: { path: { bookingId: booking.bookingId } }, body }));
    },
  });
  return (
    <Sheet title={t("sos.title")} onClose={onClose}>
      <div className="stack">
        {call.isSuccess ? (
          <p className="notice notice-good" role="status">
            {t("sos.done")}
          </p>
        ) : (
          <>
            <p>{t("sos.text")}</p>
            <Field label={t("sos.words")} rows={2} maxLength={4000} value={text} onChange={setText} />
          </>
        )}
        {call.isError ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, call.error)}
          </p>
        ) : null}
        <p className="small">
          {t("sos.police")} <a href="tel:112">112</a>
        </p>
        <div className="row row-end">
          <Button onPress={onClose}>{call.isSuccess ? t("common.close") : t("common.cancel")}</Button>
          {call.isSuccess ? null : (
            <Button look="danger" busy={call.isPending} onPress={() => call.mutate()}>
              {t("sos.call")}
            </Button>
          )}
        </div>
      </div>
    </Sheet>
  );
}

/** A link for a friend: to the device's own way of sharing, else to the clipboard. */
function ShareVisit({ booking }: { booking: Booking }) {
  const { t } = useWords();
  const { api } = useLive();
  const sayProblem = useProblemToast();
  const share = useMutation({
    mutationFn: async () => {
      const { path } = await answer(api.POST("/bookings/{bookingId}/share", { params: { path: { bookingId: booking.bookingId } } }));
      const url = new URL(path, location.origin).href;
      if (typeof navigator.share === "function") {
        await navigator.share({ title: t("share.title"), url }).catch(() => undefined);
        return;
      }
      await navigator.clipboard.writeText(url);
      toast(t("share.copied"), "good");
    },
    onError: sayProblem,
  });
  return (
    <Button size="small" look="quiet" icon={<Share2 size={16} aria-hidden />} busy={share.isPending} onPress={() => share.mutate()}>
      {t("share.open")}
    </Button>
  );
}
