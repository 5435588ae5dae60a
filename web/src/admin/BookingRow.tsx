import { Eye, MessageCircle, MessageCircleOff, MessageSquareText, Shuffle } from "lucide-react";
import { Link } from "wouter";
import type { AdminBooking } from "../api/types";
import { useWords } from "../app/AppContext";
import { serverNow } from "../app/serverClock";
import { hasNumber } from "../chat/people";
import { Countdown, StatusBadge, TestMark } from "../ui/bits";
import { Button } from "../ui/controls";
import type { Column } from "./columns";

interface BookingRowProperties {
  booking: AdminBooking;
  columns: readonly Column[];
  /** Where the way back from the chat leads. */
  back: string;
  onView(): void;
  onReassign(): void;
}

export function BookingRow({ booking, columns, back, onView, onReassign }: BookingRowProperties) {
  const { t } = useWords();
  return (
    <tr data-booking={booking.bookingId}>
      <td className="cell-status">
        <span className="row row-tight">
          <StatusBadge status={booking.status} />
          <TestMark of={booking} />
        </span>
        {booking.secondsRemaining !== null && booking.status === "pending" ? (
          <Countdown deadline={deadlineOf(booking)} />
        ) : null}
      </td>
      <th scope="row">
        <span className="cell-main">{booking.customerName}</span>
        {hasNumber(booking) ? <span className="cell-more">{booking.customerWhatsApp}</span> : null}
      </th>
      {columns.map((column) => (
        <Cell key={column} column={column} booking={booking} back={back} />
      ))}
      <td className="cell-actions">
        <span className="row row-tight">
          <Button
            size="small"
            icon={<Eye size={16} aria-hidden />}
            aria-label={t("admin.bookings.viewOf", { id: booking.bookingId })}
            onPress={onView}
          >
            {t("admin.bookings.view")}
          </Button>
          {hasNumber(booking) && booking.whatsAppLink ? (
            <a
              className="icon-button"
              href={booking.whatsAppLink}
              target="_blank"
              rel="noreferrer"
              aria-label={t("chat.whatsAppWith", { name: booking.customerName })}
            >
              <MessageSquareText size={18} aria-hidden />
            </a>
          ) : null}
          {booking.actions.includes("reassign") ? (
            <Button size="small" look="quiet" icon={<Shuffle size={16} aria-hidden />} onPress={onReassign}>
              {t("action.reassign")}
            </Button>
          ) : null}
        </span>
      </td>
    </tr>
  );
}

interface CellProperties {
  column: Column;
  booking: AdminBooking;
  back: string;
}

/** What one column says of a booking. */
function Cell({ column, booking, back }: CellProperties) {
  const words = useWords();
  const { t, money } = words;
  switch (column) {
    case "therapist":
      return (
        <td className="cell-therapist">{booking.therapistName}</td>
      );
    case "when":
      return (
        <td className="cell-when">
          <span className="cell-main">{t(`bookingType.${booking.bookingType}`)}</span>
          <span className="cell-more">{words.dateTime(booking.scheduledTime ?? booking.createdAt, booking.timeZone)}</span>
        </td>
      );
    case "source":
      return (
        <td className="cell-source">{t(`source.${booking.source}`)}</td>
      );
    case "price":
      return (
        <td className="number">
          <span className="cell-main">{money(booking.price)}</span>
          <span className="cell-more">{t("common.minutesShort", { count: booking.duration })}</span>
        </td>
      );
    case "chat":
      return (
        <td className="cell-chat">
          <Link
            href={`/chats/${booking.chatRoomId}`}
            state={{ back }}
            className={booking.chatWindowOpen ? "chat-mark chat-mark-open" : "chat-mark"}
            aria-label={`${t("admin.detail.openChat")}: ${booking.chatWindowOpen ? t("admin.bookings.chatOpen") : t("admin.bookings.chatClosed")}`}
          >
            {booking.chatWindowOpen ? <MessageCircle size={18} aria-hidden /> : <MessageCircleOff size={18} aria-hidden />}
          </Link>
        </td>
      );
  }
}

/** The deadline itself; where the clocks differ, the server's seconds decide. */
function deadlineOf(booking: AdminBooking): string {
  if (booking.secondsRemaining === null) return booking.responseDeadline;
  const own = Date.parse(booking.responseDeadline) - serverNow();
  const theirs = booking.secondsRemaining * 1000;
  // A list that is a minute old is no reason to mistrust the clock.
  if (Math.abs(own - theirs) < 90_000) return booking.responseDeadline;
  return new Date(serverNow() + theirs).toISOString();
}
