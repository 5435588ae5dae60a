import type { Message } from "../api/types";
import { FIRST_WORDS } from "../i18n/first";

const NAMES: ReadonlySet<string> = new Set(
  Object.values(FIRST_WORDS).flatMap((words) => [words["chat.picture"], words["chat.document"], words["chat.locationOf"]]),
);

/** Whether the text of a picture, file or place only says what it is, as every message needs a text: the eye sees that. */
export function isOnlyAName(message: Pick<Message, "message" | "messageType">): boolean {
  return message.messageType !== "text" && NAMES.has(message.message);
}
