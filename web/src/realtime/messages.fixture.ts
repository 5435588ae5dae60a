import type { Message } from "../api/types";

/** A message for tests. */
export function message(sequence: number, change: Partial<Message> = {}): Message {
  return {
    conversationId: "room",
    sequence,
    senderId: "t-ayu",
    senderName: "Ayu",
    senderRole: "therapist",
    receiverId: null,
    receiverRole: null,
    message: `message ${sequence}`,
    messageType: "text",
    bookingId: "b",
    isRead: false,
    timestamp: "2026-11-22T08:15:00.000Z",
    metadata: {},
    clientMessageId: null,
    attachmentId: null,
    location: null,
    mapLink: null,
    replyTo: null,
    editedAt: null,
    deleted: false,
    revision: 0,
    masked: false,
    hidden: false,
    translations: {},
    ...change,
  };
}

/** Messages from one sequence number to another, both included. */
export function messages(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
}
