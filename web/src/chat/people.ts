import type { Booking, Role, Room } from "../api/types";

/** With whom the reader of a room is talking. */
export function otherName(room: Pick<Room, "customerName" | "therapistName">, reader: Role): string {
  if (reader === "customer") return room.therapistName;
  if (reader === "therapist") return room.customerName;
  return `${room.customerName} · ${room.therapistName}`;
}

/** What stands in the place of a forgotten customer's number: a country code that there is not. */
const STAND_IN = "+999";

/** Whether a customer has a number that one may write to: neither hidden nor forgotten. */
export function hasNumber({ customerWhatsApp }: Pick<Booking, "customerWhatsApp">): boolean {
  return customerWhatsApp !== null && customerWhatsApp !== "" && !customerWhatsApp.startsWith(STAND_IN);
}
