import type { BookingType, Duration, Source, Therapist } from "../api/types";
import { pricesOf } from "./catalogue";

/** What a click has chosen already. */
export interface BookingStart {
  therapist: Therapist;
  bookingType: BookingType;
  source: Source;
  serviceId?: string;
  duration?: Duration;
  /** The instant of a free time that was tapped. */
  scheduledTime?: string;
  /** Whether it was chosen in an open chat. */
  chatWindowOpen?: boolean;
}

/** A start without its therapist, as a card knows whose it is. */
export type BookingChoice = Omit<BookingStart, "therapist">;

/** What the first step of a booking asks for. */
export interface Choices {
  serviceId: string;
  duration: Duration;
  /** The instant of a scheduled visit; null until one is chosen. */
  scheduledTime: string | null;
  discountCode: string;
}

export function firstChoices(start: BookingStart): Choices {
  const service = start.therapist.menu.find((item) => item.serviceId === start.serviceId) ?? start.therapist.menu[0];
  const durations = service ? pricesOf(service).map(({ duration }) => duration) : [];
  return {
    serviceId: service?.serviceId ?? "",
    duration: start.duration ?? (durations.includes(60) ? 60 : (durations[0] ?? 60)),
    scheduledTime: start.scheduledTime ?? null,
    discountCode: "",
  };
}
