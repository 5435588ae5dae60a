import type { NewBooking } from "../api/types";
import type { PlainKey } from "../i18n/text";
import { lengthOf, plainLine, plainLines } from "../ui/plainText";

/** What the customer writes about themselves. */
export interface VisitorForm {
  name: string;
  whatsApp: string;
  /** Where a number without a plus is from (ISO 3166); empty for where the browser's language is from. */
  phoneRegion: string;
  where: "address" | "hotel";
  address: string;
  position: { latitude: number; longitude: number } | null;
  hotelVillaId: string;
  roomNumber: string;
}

export type FormField = "name" | "whatsApp" | "address" | "hotelVillaId" | "roomNumber";
export type FormProblems = Partial<Record<FormField, PlainKey>>;

export const EMPTY_FORM: VisitorForm = {
  name: "",
  whatsApp: "",
  phoneRegion: "",
  where: "address",
  address: "",
  position: null,
  hotelVillaId: "",
  roomNumber: "",
};

/** A number as its owner means it: without the unseen marks and odd hyphens and blanks that copying brings along. */
export function plainNumber(text: string): string {
  return plainLine(text.normalize("NFKC").replace(/\p{Cf}/gu, "").replace(/\p{Pd}/gu, "-").replace(/\p{Zs}/gu, " "));
}

/** Whether it can be a number in any usual way of writing; the server brings it into E.164 and has the last word. */
export function isPhoneNumber(text: string): boolean {
  const number = plainNumber(text);
  const digits = number.replace(/\D/g, "").length;
  return /^[0-9 +().-]+$/.test(number) && digits >= 8 && digits <= 15;
}

/** What is missing or wrong; the server judges again, and its word counts. */
export function problemsOf(form: VisitorForm): FormProblems {
  const problems: FormProblems = {};
  const name = plainLine(form.name);
  const address = plainLines(form.address);
  const roomNumber = plainLine(form.roomNumber);
  if (!name) problems.name = "book.required.name";
  else if (lengthOf(name) > 255) problems.name = "book.invalid.long";
  if (!plainNumber(form.whatsApp)) problems.whatsApp = "book.required.whatsApp";
  else if (!isPhoneNumber(form.whatsApp)) problems.whatsApp = "book.invalid.whatsApp";
  if (form.where === "address") {
    if (!address && !form.position) problems.address = "book.required.address";
    else if (lengthOf(address) > 500) problems.address = "book.invalid.long";
  } else {
    if (!form.hotelVillaId) problems.hotelVillaId = "book.required.hotel";
    if (!roomNumber) problems.roomNumber = "book.required.room";
    else if (lengthOf(roomNumber) > 50) problems.roomNumber = "book.invalid.long";
  }
  return problems;
}

/** The form's part of a new booking. */
export function visitorPart(
  form: VisitorForm,
): Pick<NewBooking, "customerName" | "customerWhatsApp" | "phoneRegion" | "location" | "hotelVillaId" | "roomNumber"> {
  const person = { customerName: plainLine(form.name), customerWhatsApp: plainNumber(form.whatsApp), ...(form.phoneRegion ? { phoneRegion: form.phoneRegion } : {}) };
  if (form.where === "hotel") return { ...person, hotelVillaId: form.hotelVillaId, roomNumber: plainLine(form.roomNumber) };
  const address = plainLines(form.address);
  return { ...person, location: { ...(address ? { address } : {}), ...(form.position ?? {}) } };
}

/** Where the server's path of a broken rule belongs in the form. */
export function fieldOfPath(path: string): FormField | null {
  if (path.startsWith("customerName")) return "name";
  if (path.startsWith("customerWhatsApp") || path.startsWith("phoneRegion")) return "whatsApp";
  if (path.startsWith("location")) return "address";
  if (path.startsWith("hotelVillaId")) return "hotelVillaId";
  if (path.startsWith("roomNumber")) return "roomNumber";
  return null;
}

const KEPT = "teduh.visitor";

/** What was entered in this tab: a reload loses nothing, and a second booking is quick. */
export function recallForm(): VisitorForm {
  try {
    return { ...EMPTY_FORM, ...(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Partial<VisitorForm>) };
  } catch {
    return EMPTY_FORM;
  }
}

export function keepForm(form: VisitorForm): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(form));
  } catch {
    // Without a store it is entered anew.
  }
}
