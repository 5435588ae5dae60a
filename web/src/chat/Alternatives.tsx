import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { Alternative, Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Avatar } from "../ui/bits";
import { Button } from "../ui/controls";
import { Question } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { useBookingCommand } from "./useBookingCommand";

const OVER: ReadonlySet<string> = new Set(["declined", "expired", "cancelled", "no_show"]);

/** Who else could come, after a therapist could not: the same booking and chat go on with them. */
export function Alternatives({ room }: { room: Room }) {
  const words = useWords();
  const { t, money } = words;
  const { api, identity } = useLive();
  const { booking } = room;
  const isWanted = OVER.has(booking.status) && identity.role === "customer";
  const [chosen, setChosen] = useState<Alternative | null>(null);
  const found = useQuery({
    queryKey: ["alternatives", booking.bookingId, booking.version],
    enabled: isWanted,
    refetchInterval: 60_000,
    queryFn: () => answer(api.GET("/bookings/{bookingId}/alternatives", { params: { path: { bookingId: booking.bookingId } } })),
  });
  const command = useBookingCommand((failure) => {
    // Their price or time is another one by now: it is shown anew.
    if (["quote_stale", "therapist_unavailable", "slot_taken"].includes(problemOf(failure).code)) void found.refetch();
    return false;
  });
  if (!isWanted || !room.actions.includes("redispatch")) return null;
  return (
    <Answer query={found} lines={2}>
      {({ items }) =>
        items.length === 0 ? null : (
          <section className="card stack">
            <h2>{t("alternatives.title")}</h2>
            <p className="muted small">{t("alternatives.text")}</p>
            <ul className="bare stack">
              {items.map((other) => (
                <li key={other.therapistId} className="row row-between">
                  <span className="row">
                    <Avatar name={other.name} photo={other.photoUrl} />
                    <span>
                      <strong>{other.name}</strong> · {money(other.price)}
                      <br />
                      <span className="muted small">
                        {words.dateTime(other.startsAt, booking.timeZone)}
                        {other.reasons.length > 0 ? ` · ${other.reasons.join(", ")}` : ""}
                      </span>
                    </span>
                  </span>
                  <Button look="primary" size="small" aria-label={t("alternatives.askOf", { name: other.name })} onPress={() => setChosen(other)}>
                    {t("alternatives.ask")}
                  </Button>
                </li>
              ))}
            </ul>
            {chosen ? (
              <Question
                title={t("alternatives.askOf", { name: chosen.name })}
                text={t("alternatives.confirm", { price: money(chosen.price) })}
                confirm={t("alternatives.ask")}
                busy={command.isPending}
                onConfirm={() =>
                  command.mutate(
                    { command: "redispatch", booking, therapistId: chosen.therapistId, price: chosen.price },
                    { onSettled: () => setChosen(null) },
                  )
                }
                onClose={() => setChosen(null)}
              />
            ) : null}
          </section>
        )
      }
    </Answer>
  );
}
