import { Check, MessageCircle, X } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Booking } from "../api/types";
import { useWords } from "../app/AppContext";
import { lazyPart } from "../app/recovery";
import { usePageTitle } from "../app/pageTitle";
import { useBookingCommand } from "../chat/useBookingCommand";
import { Place } from "../chat/BookingCard";
import { serverNow } from "../app/serverClock";
import { NextStep } from "../chat/VisitSteps";
import { Avatar, Countdown, Definition, StatusBadge, TestMark, useIsOver } from "../ui/bits";
import { Button } from "../ui/controls";
import { Answer, Empty } from "../ui/states";
import { useAnswered, useConfirmed, useWaiting } from "./queries";

const DeclineQuestion = lazyPart(async () => ({ default: (await import("../chat/DeclineQuestion")).DeclineQuestion }));

export function RequestsPage() {
  const { t } = useWords();
  usePageTitle(t("desk.requests.title"));
  const waiting = useWaiting();
  const recent = useAnswered();
  const answered = recent.items;
  return (
    <div className="stack">
      <h1>{t("desk.requests.title")}</h1>
      <Answer query={waiting}>
        {(requests) =>
          requests.length === 0 ? (
            <div className="card">
              <Empty title={t("desk.requests.empty.title")} text={t("desk.requests.empty.text")} />
            </div>
          ) : (
            <ul className="requests">
              {requests.map((booking) => (
                <li key={booking.bookingId}>
                  <RequestCard booking={booking} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <VisitsNow />
      {answered.length > 0 ? (
        <section className="stack">
          <h2>{t("desk.requests.recent")}</h2>
          <ul className="recent">
            {answered.slice(0, 10).map((booking) => (
              <li key={booking.bookingId}>
                <RecentLine booking={booking} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

/** So long before its beginning a visit is the next thing to do. */
const SOON = 2 * 60 * 60_000;

/** Agreed visits that are on or about to begin, each with its next step. */
function VisitsNow() {
  const words = useWords();
  const { t } = words;
  const confirmed = useConfirmed();
  const present = (confirmed.data?.items ?? []).filter(
    ({ status, scheduledTime }) => status === "confirmed" && (scheduledTime === null || Date.parse(scheduledTime) - serverNow() < SOON),
  );
  if (present.length === 0) return null;
  return (
    <section className="stack">
      <h2>{t("desk.now")}</h2>
      {present.map((booking) => (
        <article key={booking.bookingId} className="card stack" data-visit={booking.bookingId}>
          <div className="row row-between">
            <strong>
              {booking.customerName} <TestMark of={booking} />
            </strong>
            <span>{booking.scheduledTime ? words.dateTime(booking.scheduledTime, booking.timeZone) : t("chat.asSoon")}</span>
            <Link href={`/chats/${booking.chatRoomId}/booking`}>{t("chat.bookingDetails")}</Link>
          </div>
          <NextStep booking={booking} />
        </article>
      ))}
    </section>
  );
}

function RequestCard({ booking }: { booking: Booking }) {
  const words = useWords();
  const { t, money } = words;
  const command = useBookingCommand();
  const [isDeclining, setIsDeclining] = useState(false);
  const isClosed = useIsOver(booking.responseDeadline) || command.isPending;
  return (
    <article className="card request" aria-label={t("desk.requests.from", { name: booking.customerName })}>
      <header className="request-head">
        <Avatar name={booking.customerName} />
        <div>
          <h2>
            {booking.customerName} <TestMark of={booking} />
          </h2>
          <Countdown deadline={booking.responseDeadline} />
        </div>
        <strong className="request-price">{money(booking.price)}</strong>
      </header>
      <dl className="definitions">
        <Definition term={t("chat.when")}>
          {booking.scheduledTime ? words.dateTime(booking.scheduledTime, booking.timeZone) : t("chat.asSoon")}
        </Definition>
        <Definition term={t("book.service")}>
          {booking.serviceName ? `${booking.serviceName}, ` : ""}
          {t("common.minutes", { count: booking.duration })}
        </Definition>
        <Definition term={t("chat.where")}>
          <Place booking={booking} />
        </Definition>
        {booking.earnings === null ? null : (
          <Definition term={t("desk.requests.earnings")}>
            <strong>{money(booking.earnings)}</strong>
          </Definition>
        )}
      </dl>
      <div className="request-actions">
        <Button
          look="good"
          size="large"
          icon={<Check size={20} aria-hidden />}
          busy={command.isPending}
          isDisabled={isClosed}
          onPress={() => command.mutate({ command: "accept", booking })}
        >
          {t("action.accept")}
        </Button>
        <Button
          look="danger"
          size="large"
          icon={<X size={20} aria-hidden />}
          isDisabled={isClosed}
          onPress={() => setIsDeclining(true)}
        >
          {t("action.decline")}
        </Button>
        <Link href={`/chats/${booking.chatRoomId}`} className="button button-quiet button-large request-chat">
          <MessageCircle size={20} aria-hidden />
          <span>{t("desk.requests.openChat")}</span>
        </Link>
      </div>
      {isDeclining ? <DeclineQuestion booking={booking} onClose={() => setIsDeclining(false)} /> : null}
    </article>
  );
}

function RecentLine({ booking }: { booking: Booking }) {
  const words = useWords();
  return (
    <Link href={`/chats/${booking.chatRoomId}`} className="recent-line">
      <Avatar name={booking.customerName} size="small" />
      <span className="recent-name">
        <strong>
          {booking.customerName} <TestMark of={booking} />
        </strong>
        <span className="muted small">
          {booking.scheduledTime
            ? words.dateTime(booking.scheduledTime, booking.timeZone)
            : words.dateTime(booking.createdAt, booking.timeZone)}
        </span>
      </span>
      <StatusBadge status={booking.status} />
      <span>{words.money(booking.price)}</span>
    </Link>
  );
}
