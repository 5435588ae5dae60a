import { useQuery } from "@tanstack/react-query";
import { MessageCircle, MessageSquareText, Shuffle } from "lucide-react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { AdminBooking, AdminBookingDetail } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Place } from "../chat/BookingCard";
import { hasNumber } from "../chat/people";
import { Countdown, Definition, StatusBadge, TestMark } from "../ui/bits";
import { Button } from "../ui/controls";
import { Sheet } from "../ui/Sheet";
import { Answer } from "../ui/states";

interface BookingDetailProperties {
  bookingId: string;
  /** Where the way back from the chat leads. */
  back: string;
  onClose(): void;
  onReassign(booking: AdminBooking): void;
}

export function BookingDetail({ bookingId, back, onClose, onReassign }: BookingDetailProperties) {
  const { t } = useWords();
  const { api } = useLive();
  const detail = useQuery({
    queryKey: ["admin", "booking", bookingId],
    queryFn: () => answer(api.GET("/admin/bookings/{bookingId}", { params: { path: { bookingId } } })),
  });
  return (
    <Sheet title={t("admin.detail.title")} onClose={onClose} size="wide">
      <Answer query={detail}>
        {(booking) => (
          <div className="stack">
            <Overview booking={booking} />
            <div className="row">
              <Link href={`/chats/${booking.chatRoomId}`} state={{ back }} className="button button-secondary button-normal">
                <MessageCircle size={18} aria-hidden />
                <span>{t("admin.detail.openChat")}</span>
              </Link>
              {hasNumber(booking) && booking.whatsAppLink ? (
                <a className="button button-secondary button-normal" href={booking.whatsAppLink} target="_blank" rel="noreferrer">
                  <MessageSquareText size={18} aria-hidden />
                  <span>{t("chat.whatsApp")}</span>
                </a>
              ) : null}
              {booking.actions.includes("reassign") ? (
                <Button
                  icon={<Shuffle size={18} aria-hidden />}
                  onPress={() => {
                    onClose();
                    onReassign(booking);
                  }}
                >
                  {t("action.reassign")}
                </Button>
              ) : null}
            </div>
            <Offers booking={booking} />
            <History history={booking.history} timeZone={booking.timeZone} />
            <AllAttributes booking={booking} />
          </div>
        )}
      </Answer>
    </Sheet>
  );
}

function Overview({ booking }: { booking: AdminBookingDetail }) {
  const words = useWords();
  const { t, money } = words;
  return (
    <>
      <p className="row row-tight">
        <StatusBadge status={booking.status} />
        <TestMark of={booking} />
        {booking.status === "pending" ? <Countdown deadline={booking.responseDeadline} /> : null}
        <code className="id">{booking.bookingId}</code>
      </p>
      <dl className="definitions definitions-wide">
        <Definition term={t("admin.bookings.customer")}>
          {booking.customerName}
          {hasNumber(booking) ? (
            <>
              <br />
              {booking.customerWhatsApp}
            </>
          ) : null}
        </Definition>
        <Definition term={t("admin.bookings.therapist")}>{booking.therapistName}</Definition>
        <Definition term={t("chat.when")}>
          {booking.scheduledTime ? words.dateTime(booking.scheduledTime, booking.timeZone) : t("chat.asSoon")}
        </Definition>
        <Definition term={t("admin.bookings.created")}>{words.dateTime(booking.createdAt, booking.timeZone)}</Definition>
        <Definition term={t("chat.where")}>
          <Place booking={booking} />
        </Definition>
        <Definition term={t("chat.price")}>
          {money(booking.price)}
          {booking.discount > 0 ? ` (${booking.discountCode ?? ""} −${money(booking.discount)})` : ""}
        </Definition>
        <Definition term={t("admin.bookings.source")}>{t(`source.${booking.source}`)}</Definition>
        <Definition term={t("book.service")}>
          {booking.serviceName ?? t("common.none")}, {t("common.minutes", { count: booking.duration })}
        </Definition>
        {booking.cancellationFee === null ? null : <Definition term={t("admin.detail.fee")}>{money(booking.cancellationFee)}</Definition>}
        {booking.noShowBy ? (
          <Definition term={t("visit.noShow")}>
            {t(booking.noShowBy === "customer" ? "visit.noShow.customer" : "visit.noShow.therapist")}
          </Definition>
        ) : null}
        {booking.reason ? <Definition term={t("common.reason")}>
            <span className="lines-kept">{booking.reason}</span>
          </Definition> : null}
      </dl>
    </>
  );
}

/** To whom the booking was offered, and what became of each offer. */
function Offers({ booking }: { booking: AdminBookingDetail }) {
  const words = useWords();
  const { t } = words;
  return (
    <section>
      <h3>{t("admin.detail.offers")}</h3>
      <ol className="history">
        {booking.offers.map((offer) => (
          <li key={offer.offeredAt}>
            <strong>{offer.therapistId}</strong> · {t(`admin.detail.offer.${offer.outcome ?? "open"}`)}
            <span className="muted small">
              {words.dateTime(offer.offeredAt, booking.timeZone)}
              {offer.endedAt ? ` – ${words.dateTime(offer.endedAt, booking.timeZone)}` : ""}
              {offer.reasons.length > 0 ? ` · ${offer.reasons.join(", ")}` : ""}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function History({ history, timeZone }: { history: AdminBookingDetail["history"]; timeZone: string }) {
  const words = useWords();
  const { t } = words;
  return (
    <section>
      <h3>{t("admin.detail.history")}</h3>
      {history.length === 0 ? <p className="muted">{t("admin.detail.historyEmpty")}</p> : null}
      <ol className="history">
        {history.map((entry) => (
          <li key={`${entry.entityId} ${entry.version} ${entry.at}`}>
            <strong>{entry.action}</strong>
            {entry.from || entry.to ? ` (${entry.from ?? "—"} → ${entry.to ?? "—"})` : ""}
            <span className="muted small">
              {words.dateTime(entry.at, timeZone)} · {t("admin.detail.by", { actor: entry.actor })}
              {entry.reason ? ` · ${entry.reason}` : ""}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** An instant as the wire writes it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Everything there is; instants in the zone of all others in this dialog, as they are stored under the pointer. */
function AllAttributes({ booking }: { booking: AdminBookingDetail }) {
  const words = useWords();
  const { t } = words;
  const written = (value: unknown) => {
    if (typeof value === "string" && INSTANT.test(value)) {
      return (
        <time dateTime={value} title={value}>
          {words.dateTime(value, booking.timeZone)}
        </time>
      );
    }
    const inZone = (_: string, part: unknown) => (typeof part === "string" && INSTANT.test(part) ? words.dateTime(part, booking.timeZone) : part);
    return typeof value === "object" && value !== null ? JSON.stringify(value, inZone) : String(value);
  };
  return (
    <details>
      <summary>{t("admin.detail.all")}</summary>
      <dl className="attributes">
        {Object.entries(booking)
          .filter(([name]) => name !== "history")
          .map(([name, value]) => (
            <Definition key={name} term={name}>
              {written(value)}
            </Definition>
          ))}
      </dl>
    </details>
  );
}
