import type { Role, Room } from "../api/types";

/** With whom the reader of a room is talking. */
export function otherName(room: Pick<Room, "customerName" | "therapistName">, reader: Role): string {
  if (reader === "customer") return room.therapistName;
  if (reader === "therapist") return room.customerName;
  return `${room.customerName} · ${room.therapistName}`;
}
