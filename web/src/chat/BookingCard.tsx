import { CalendarClock, ChevronDown, MapPin, MessageSquareText } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Booking, Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Definition } from "../ui/bits";
import { hasNumber } from "./people";

/** What a room is about, always in sight; actions go below. */
export function BookingCard({ room, children }: { room: Room; children: ReactNode }) {
  const words = useWords();
  const { t, money } = words;
  const { identity } = useLive();
  const { booking } = room;
  const [isOpen, setIsOpen] = useState(false);
  return (
    <section className="booking-card" aria-label={t("chat.booking")}>
      <button type="button" className="booking-card-summary" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <CalendarClock size={18} aria-hidden />
        <span>
          <strong>{booking.serviceName ?? t(`bookingType.${booking.bookingType}`)}</strong>
          {" · "}
          {t("common.minutesShort", { count: booking.duration })}
          {" · "}
          {visitTime(booking, words)}
          {" · "}
          <strong>{money(booking.price)}</strong>
        </span>
        <ChevronDown size={18} aria-hidden className={isOpen ? "turned" : ""} />
        <span className="visually-hidden">{t("chat.bookingDetails")}</span>
      </button>
      {isOpen ? (
        <dl className="definitions">
          <Definition term={t("chat.when")}>{visitTime(booking, words)}</Definition>
          <Definition term={t("chat.price")}>
            {money(booking.price)}
            {booking.discount > 0 ? ` (${t("book.discount")} ${money(booking.discount)})` : ""}
          </Definition>
          <Definition term={t("chat.where")}>
            <Place booking={booking} />
          </Definition>
        </dl>
      ) : null}
      <div className="booking-card-foot">
        {booking.status === "pending" && identity.role === "customer" ? (
          <p className="small muted">{t("chat.waitingFor", { name: room.therapistName })}</p>
        ) : null}
        <div className="row booking-card-actions">
          {room.whatsAppLink && (identity.role === "customer" || hasNumber(booking)) ? (
            <a
              className="button button-secondary button-normal"
              href={room.whatsAppLink}
              target="_blank"
              rel="noreferrer"
              aria-label={t("chat.whatsAppWith", { name: identity.role === "customer" ? room.therapistName : room.customerName })}
            >
              <MessageSquareText size={18} aria-hidden />
              <span>{t("chat.whatsApp")}</span>
            </a>
          ) : null}
          {children}
        </div>
      </div>
    </section>
  );
}

function visitTime(booking: Booking, words: ReturnType<typeof useWords>): string {
  return booking.scheduledTime ? words.dateTime(booking.scheduledTime, booking.timeZone) : words.t("chat.asSoon");
}

export function Place({ booking }: { booking: Booking }) {
  const { t } = useWords();
  if (booking.hotelVillaName ?? booking.hotelVillaId) {
    return (
      <>
        {booking.hotelVillaName ?? booking.hotelVillaId}
        {booking.roomNumber ? ` · ${t("book.room")} ${booking.roomNumber}` : ""}
      </>
    );
  }
  const location = booking.location;
  if (!location || (!location.address && location.latitude === null)) return <>{t("chat.whereHidden")}</>;
  return (
    <>
      <span className="lines-kept">{location.address}</span>
      {location.latitude !== null && location.longitude !== null ? (
        <>
          {" "}
          <a href={mapLink(location.latitude, location.longitude)} target="_blank" rel="noreferrer">
            <MapPin size={14} aria-hidden /> {t("chat.openMap")}
          </a>
        </>
      ) : null}
    </>
  );
}

export function mapLink(latitude: number, longitude: number): string {
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
}
