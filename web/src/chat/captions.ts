import type { Message } from "../api/types";
import { LANGUAGES, wordsIn } from "../i18n/text";

const NAMES: ReadonlySet<string> = new Set(
  LANGUAGES.map(wordsIn).flatMap(({ t }) => [t("chat.picture"), t("chat.document"), t("chat.locationOf")]),
);

/** Whether the text of a picture, file or place only says what it is, as every message needs a text: the eye sees that. */
export function isOnlyAName(message: Pick<Message, "message" | "messageType">): boolean {
  return message.messageType !== "text" && NAMES.has(message.message);
}
