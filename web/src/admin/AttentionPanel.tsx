import { CircleCheck } from "lucide-react";
import { Link } from "wouter";
import { useWords } from "../app/AppContext";
import { Countdown, TestMark } from "../ui/bits";
import { CONCERNS, useAttention, type Concern } from "./useAttention";

/** Where each concern is dealt with. */
const PLACES: Record<Concern, string> = {
  offers: "/?status=pending",
  unanswered: "/?status=declined",
  checks: "/health",
  reports: "/reports",
  proofs: "/payments?status=proof_submitted",
  disputes: "/payments?status=disputed",
  overdue: "/payments?status=overdue",
  papers: "/papers",
  deliveries: "/deliveries",
};

/** What needs somebody now, with the way there; it says so too when nothing does. */
export function AttentionPanel() {
  const { t } = useWords();
  const { counts, offers } = useAttention();
  const waiting = CONCERNS.filter((concern) => (counts[concern]?.count ?? 0) > 0);
  const isKnown = Object.keys(counts).length > 0;
  return (
    <section className="card attention" aria-label={t("admin.attention.title")} data-attention={waiting.join(" ")}>
      <h2>{t("admin.attention.title")}</h2>
      {isKnown && waiting.length === 0 ? (
        <p className="with-icon good">
          <CircleCheck size={18} aria-hidden />
          {t("admin.attention.nothing")}
        </p>
      ) : null}
      {waiting.length > 0 ? (
        <ul className="attention-list">
          {waiting.map((concern) => {
            const found = counts[concern];
            const place = PLACES[concern];
            const look = `attention-item attention-${concern}`;
            const said = (
              <>
                <strong>
                  {found?.count}
                  {found?.isMore ? "+" : ""}
                </strong>{" "}
                {t(`admin.attention.${concern}`, { count: found?.count ?? 0 })}
              </>
            );
            return (
              <li key={concern}>
                <Link href={place} className={look}>
                  {said}
                </Link>
              </li>
            );
          })}
        </ul>
      ) : null}
      {offers.length > 0 ? (
        <ul className="attention-offers">
          {offers.map((booking) => (
            <li key={booking.bookingId}>
              <Link href={`/?booking=${encodeURIComponent(booking.bookingId)}`}>
                {booking.customerName} → {booking.therapistName}
              </Link>{" "}
              <TestMark of={booking} /> <Countdown deadline={booking.responseDeadline} />
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
