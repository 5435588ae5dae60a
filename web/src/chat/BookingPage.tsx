import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, MessageCircle } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { Booking, Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Countdown, Definition, StatusBadge, TestMark, useIsOver } from "../ui/bits";
import { Button, Field } from "../ui/controls";
import { LONGEST_REASON } from "../ui/limits";
import { plainLines } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { Alternatives } from "./Alternatives";
import { BookingActions } from "./BookingActions";
import { Place } from "./BookingCard";
import { CalendarFile } from "./CalendarFile";
import type { BookAgain } from "./ChatRoom";
import { HelpActions } from "./HelpActions";
import { OtherTimeSheet } from "./OtherTime";
import { reasonIn } from "./declineReasons";
import { otherName } from "./people";
import { useBookingCommand } from "./useBookingCommand";
import { ReviewForm } from "./ReviewForm";
import { SafetyActions } from "./SafetyActions";
import { NextStep, VisitSteps } from "./VisitSteps";
import "../styles/visit.css";

interface BookingPageProperties {
  conversationId: string;
  /** Where its chat is. */
  chat: string;
  bookAgain?: BookAgain;
  /** What follows below, for roles that have more. */
  children?(room: Room): ReactNode;
}

/** One booking with everything that can happen to it, as its visit goes on. */
export function BookingPage({ conversationId, chat, bookAgain, children }: BookingPageProperties) {
  const { api, realtime } = useLive();
  useEffect(() => realtime.start(), [realtime]);
  const room = useQuery({
    queryKey: ["room", conversationId],
    queryFn: () => answer(api.GET("/rooms/{conversationId}", { params: { path: { conversationId } } })),
    refetchInterval: 30_000,
  });
  return (
    <Answer query={room} lines={6}>
      {(found) => (
        <Visit room={found} chat={chat} {...(bookAgain ? { bookAgain } : {})}>
          {children?.(found)}
        </Visit>
      )}
    </Answer>
  );
}

function Visit({ room, chat, bookAgain, children }: { room: Room; chat: string; bookAgain?: BookAgain; children: ReactNode }) {
  const words = useWords();
  const { t, money } = words;
  const { identity } = useLive();
  const { booking } = room;
  const title = t("visit.with", { name: otherName(room, identity.role) });
  usePageTitle(title);
  const when = booking.scheduledTime
    ? words.dateTime(booking.scheduledTime, booking.timeZone)
    : booking.confirmedAt
      ? t("visit.immediate", { time: words.dateTime(booking.confirmedAt, booking.timeZone) })
      : t("chat.asSoon");
  return (
    <article className="visit-page stack" data-booking={booking.bookingId}>
      <header className="row">
        <Link href={chat} className="icon-button" aria-label={t("common.back")}>
          <ArrowLeft size={20} aria-hidden />
        </Link>
        <h1>{title}</h1>
        <StatusBadge status={booking.status} />
        <TestMark of={booking} />
        {booking.status === "pending" ? <Countdown deadline={booking.responseDeadline} /> : null}
      </header>
      <Outcome booking={booking} />
      {identity.role === "therapist" && room.actions.includes("visit") ? <NextStep booking={booking} /> : null}
      <StartCode booking={booking} />
      <OpenProposal room={room} />
      <ReviewForm booking={booking} />
      <Alternatives room={room} />
      {["pending", "confirmed", "completed"].includes(booking.status) ? (
        <section className="card stack">
          <h2>{t("visit.steps")}</h2>
          <VisitSteps booking={booking} />
        </section>
      ) : null}
      <section className="card stack">
        <h2>{t("chat.bookingDetails")}</h2>
        <dl className="definitions">
          <Definition term={t("chat.when")}>
            {when}
            {booking.endsAt ? ` – ${words.time(booking.endsAt, booking.timeZone)}` : ""}
          </Definition>
          <Definition term={t("book.service")}>
            {booking.serviceName ? `${booking.serviceName}, ` : ""}
            {t("common.minutes", { count: booking.duration })}
          </Definition>
          <Definition term={t("chat.price")}>
            {money(booking.price)}
            {booking.discount > 0 ? ` (${t("book.discount")} ${money(booking.discount)})` : ""}
          </Definition>
          {booking.earnings === null ? null : <Definition term={t("desk.requests.earnings")}>{money(booking.earnings)}</Definition>}
          <Definition term={t("chat.where")}>
            <Place booking={booking} />
          </Definition>
        </dl>
        <div className="row">
          <Link href={chat} className="button button-secondary button-normal">
            <MessageCircle size={18} aria-hidden />
            <span>{t("desk.requests.openChat")}</span>
          </Link>
          <OtherTime room={room} />
          <CalendarFile booking={booking} />
          <NoShow booking={booking} />
          <BookingActions room={room} />
          {bookAgain ? <OnceMore booking={booking} bookAgain={bookAgain} /> : null}
        </div>
      </section>
      <HelpActions booking={booking} />
      <SafetyActions room={room} />
      {children}
    </article>
  );
}

/** The same therapist once more, after a booking that is over. */
function OnceMore({ booking, bookAgain }: { booking: Booking; bookAgain: BookAgain }) {
  const { t } = useWords();
  const { identity } = useLive();
  const [isOpen, setIsOpen] = useState(() => bookAgain.isOpen());
  if (identity.role !== "customer" || ["pending", "confirmed"].includes(booking.status)) return null;
  return (
    <>
      <Button look="primary" onPress={() => setIsOpen(true)}>
        {t("chat.bookAgain")}
      </Button>
      {isOpen ? bookAgain.sheet(booking.therapistId, () => setIsOpen(false)) : null}
    </>
  );
}

/** How a booking that is over came to its end, and what that costs. */
function Outcome({ booking }: { booking: Booking }) {
  const { t, money, language } = useWords();
  if (["pending", "confirmed", "completed"].includes(booking.status)) return null;
  return (
    <div className="notice" role="status">
      <p>
        {booking.status === "no_show" && booking.noShowBy
          ? t(booking.noShowBy === "customer" ? "visit.noShow.customer" : "visit.noShow.therapist")
          : t(`visit.outcome.${booking.status as "cancelled" | "declined" | "expired" | "no_show"}`)}
      </p>
      {booking.reason ? (
        <p className="lines-kept">
          {t("common.reason")}: {reasonIn(language, booking.reason)}
        </p>
      ) : null}
      {booking.cancellationFee ? <p>{t("visit.fee", { fee: money(booking.cancellationFee) })}</p> : null}
    </div>
  );
}

/** Four digits that the customer says at the door; nobody else sees them. */
function StartCode({ booking }: { booking: Booking }) {
  const { t } = useWords();
  if (!booking.startCode || booking.status !== "confirmed" || booking.startedAt) return null;
  return (
    <section className="card start-code">
      <h2>{t("visit.startCode")}</h2>
      <output className="start-code-digits" aria-label={[...booking.startCode].join(" ")}>
        {booking.startCode}
      </output>
      <p className="muted">{t("visit.startCodeText", { name: booking.therapistName })}</p>
    </section>
  );
}

/** Another time that one party proposes: the other one answers. */
function OpenProposal({ room }: { room: Room }) {
  const words = useWords();
  const { t } = words;
  const { identity } = useLive();
  const command = useBookingCommand();
  const { booking, actions } = room;
  const { proposal } = booking;
  const isOver = useIsOver(proposal?.expiresAt ?? null);
  if (!proposal || isOver || booking.status !== "confirmed") return null;
  const busyWith = command.isPending ? command.variables.command : null;
  const isOwn = proposal.by === identity.role;
  const time = words.dateTime(proposal.scheduledTime, booking.timeZone);
  return (
    <section className="card stack proposal" aria-label={t("visit.proposal")}>
      <h2>{t("visit.proposal")}</h2>
      <p>{isOwn ? t("visit.proposal.own", { time }) : t("visit.proposal.other", { time, name: otherName(room, identity.role) })}</p>
      <p className="muted small">{t("visit.proposal.until", { time: words.dateTime(proposal.expiresAt, booking.timeZone) })}</p>
      <div className="row">
        {actions.includes("acceptProposal") ? (
          <Button look="good" busy={busyWith === "acceptProposal"} onPress={() => command.mutate({ command: "acceptProposal", booking })}>
            {t("visit.proposal.accept")}
          </Button>
        ) : null}
        {actions.includes("declineProposal") ? (
          <Button look="danger" busy={busyWith === "declineProposal"} onPress={() => command.mutate({ command: "declineProposal", booking })}>
            {t("visit.proposal.decline")}
          </Button>
        ) : null}
        {actions.includes("withdrawProposal") ? (
          <Button busy={busyWith === "withdrawProposal"} onPress={() => command.mutate({ command: "withdrawProposal", booking })}>
            {t("visit.proposal.withdraw")}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

/** Moves a request at once, or proposes another time for what is agreed. */
function OtherTime({ room }: { room: Room }) {
  const { t } = useWords();
  const { booking, actions } = room;
  const [isOpen, setIsOpen] = useState(false);
  const kind = actions.includes("reschedule") ? "reschedule" : actions.includes("propose") ? "propose" : null;
  if (!kind) return null;
  return (
    <>
      <Button onPress={() => setIsOpen(true)}>{t(`visit.${kind}`)}</Button>
      {isOpen ? <OtherTimeSheet booking={booking} kind={kind} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

/** How long after its beginning a visit counts as missed, if the policy does not say it otherwise. */
const IMMEDIATE_BEGINS_AFTER = 30 * 60_000;

/** Says that the other party did not come, once the visit should have begun; the server knows how long to wait. */
function NoShow({ booking }: { booking: Booking }) {
  const { t } = useWords();
  const command = useBookingCommand();
  const [isAsking, setIsAsking] = useState(false);
  const [note, setNote] = useState("");
  const begins =
    booking.scheduledTime ??
    (booking.confirmedAt ? new Date(Date.parse(booking.confirmedAt) + IMMEDIATE_BEGINS_AFTER).toISOString() : null);
  const { identity } = useLive();
  const hasBegun = useIsOver(begins);
  if (booking.status !== "confirmed" || !hasBegun || booking.startedAt || identity.role === "admin") return null;
  return (
    <>
      <Button look="quiet" onPress={() => setIsAsking(true)}>
        {t("visit.noShow")}
      </Button>
      {isAsking ? (
        <Question
          title={t("visit.noShow.title")}
          text={t("visit.noShow.text")}
          confirm={t("visit.noShow")}
          look="danger"
          busy={command.isPending}
          onConfirm={() => {
            const given = plainLines(note);
            command.mutate({ command: "noShow", booking, ...(given ? { note: given } : {}) }, { onSettled: () => setIsAsking(false) });
          }}
          onClose={() => setIsAsking(false)}
        >
          <Field label={t("visit.note")} rows={2} maxLength={LONGEST_REASON} value={note} onChange={setNote} />
        </Question>
      ) : null}
    </>
  );
}
