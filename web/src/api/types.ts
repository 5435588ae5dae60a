/** The wire's shapes by their names; all of them are generated. */
import type { components as Frames } from "./generated/frames";
import type { components } from "./generated/rest";

type Schemas = components["schemas"];
type FrameSchemas = Frames["schemas"];

export type AdminBooking = Schemas["AdminBooking"];
export type AdminBookingDetail = Schemas["AdminBookingDetail"];
export type AdminHotel = Schemas["AdminHotel"];
export type AdminTherapist = Schemas["AdminTherapist"];
export type Alternative = Schemas["Alternative"];
export type Audit = Schemas["Audit"];
export type Booking = Schemas["Booking"];
export type BookingStatus = Schemas["BookingStatus"];
export type BookingType = Schemas["BookingType"];
export type Commission = Schemas["Commission"];
export type CreatedBooking = Schemas["CreatedBooking"];
export type Delivery = Schemas["Delivery"];
export type DiscountCode = Schemas["ShownDiscountCode"];
export type Duty = Schemas["Duty"];
export type ErrorEvent = Schemas["ErrorEvent"];
export type GivenLocation = Schemas["GivenLocation"];
export type HealthCheck = Schemas["HealthCheck"];
export type Hotel = Schemas["Hotel"];
export type LedgerLine = Schemas["LedgerLine"];
export type ListedPayment = Schemas["ListedPayment"];
export type Language = Schemas["Language"];
export type ListedTherapist = Schemas["ListedTherapist"];
export type MenuItem = Schemas["MenuItem"];
export type Message = Schemas["Message"];
export type MessageAck = FrameSchemas["MessageAck"];
export type NewBooking = Schemas["NewBooking"];
export type NewMessage = Schemas["NewMessage"];
export type NewTherapist = Schemas["NewTherapist"];
export type OpeningHours = Schemas["OpeningHours"];
export type Paper = Schemas["Paper"];
export type PaymentStatus = Schemas["PaymentStatus"];
export type Policy = Schemas["PolicyVersion"];
export type Preferences = Schemas["Preferences"];
export type PreferencesChange = Schemas["PreferencesChange"];
export type Presence = Schemas["Profile"]["status"];
export type ProblemBody = Schemas["Problem"];
export type Profile = Schemas["Profile"];
export type ProfileChange = Schemas["ProfileChange"];
export type Quote = Schemas["Quote"];
export type Review = Schemas["Review"];
export type Revenue = Schemas["Revenue"];
export type Role = Schemas["Role"];
export type Room = Schemas["Room"];
export type Source = Schemas["Source"];
export type StaffMember = Schemas["ShownStaffMember"];
export type SyncPage = FrameSchemas["SyncPage"];
export type Therapist = Schemas["Therapist"];
export type VisitStep = Schemas["VisitStep"];
export type TherapistChange = Schemas["TherapistChange"];
export type UploadForm = Schemas["UploadForm"];
export type Webhook = Schemas["Webhook"];
export type WebhookDelivery = Schemas["WebhookDelivery"];

/** What the server sends without having been asked. */
export type ServerEvent =
  | FrameSchemas["MessageEvent"]
  | FrameSchemas["EditedEvent"]
  | FrameSchemas["DeletedEvent"]
  | FrameSchemas["ReadEvent"]
  | FrameSchemas["TypingEvent"]
  | FrameSchemas["TranslatedEvent"]
  | FrameSchemas["PresenceEvent"]
  | FrameSchemas["SosEvent"]
  | FrameSchemas["BookingChanged"]
  | FrameSchemas["NotificationEvent"]
  | FrameSchemas["Reconnect"];

/** What it answers to a frame of ours. */
export type ServerAnswer =
  | FrameSchemas["Ack"]
  | FrameSchemas["MessageAck"]
  | FrameSchemas["ChangeAck"]
  | FrameSchemas["Pong"]
  | FrameSchemas["SyncPage"]
  | FrameSchemas["ErrorFrame"];

export type ClientFrame =
  | FrameSchemas["SendMessageFrame"]
  | FrameSchemas["MarkReadFrame"]
  | FrameSchemas["TypingFrame"]
  | FrameSchemas["SyncFrame"]
  | FrameSchemas["OpenRoomFrame"]
  | FrameSchemas["CloseRoomFrame"]
  | FrameSchemas["PingFrame"];

export const SOURCES = ["bookingButton", "chatWindow", "menuSlider", "scheduled", "priceSlider", "direct"] as const;
export const BOOKING_STATUSES = ["pending", "confirmed", "completed", "cancelled", "declined", "expired", "no_show"] as const;
export const PAYMENT_STATUSES = ["pending", "proof_submitted", "overdue", "paid", "waived", "reversed"] as const;
export const DURATIONS = [60, 90, 120] as const;
export type Duration = (typeof DURATIONS)[number];
