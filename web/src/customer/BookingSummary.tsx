import { Banknote, CalendarClock, MapPin, Sparkles } from "lucide-react";
import type { BookingType, Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import type { Choices } from "./choices";

interface BookingSummaryProperties {
  therapist: Therapist;
  bookingType: BookingType;
  choices: Choices;
  /** Where the visit will be, as far as it is known. */
  place: string;
}

/** What is about to be booked, always above the button that books it. */
export function BookingSummary({ therapist, bookingType, choices, place }: BookingSummaryProperties) {
  const words = useWords();
  const { t } = words;
  const service = therapist.menu.find(({ serviceId }) => serviceId === choices.serviceId);
  const when = choices.scheduledTime
    ? words.dateTime(choices.scheduledTime, therapist.timeZone)
    : bookingType === "immediate"
      ? t("chat.asSoon")
      : null;
  const methods = therapist.paymentMethods.map((method) => t(`practice.method.${method}`)).join(", ");
  return (
    <ul className="summary" aria-label={t("book.summary")}>
      <li>
        <Sparkles size={15} aria-hidden />
        {service ? `${service.name}, ` : ""}
        {t("common.minutesShort", { count: choices.duration })}
      </li>
      {when ? (
        <li>
          <CalendarClock size={15} aria-hidden />
          {when}
        </li>
      ) : null}
      {place ? (
        <li className="summary-place">
          <MapPin size={15} aria-hidden />
          <span>{place}</span>
        </li>
      ) : null}
      <li>
        <Banknote size={15} aria-hidden />
        {t("book.paidTo")}
        {methods ? `: ${methods}` : ""}
      </li>
    </ul>
  );
}
