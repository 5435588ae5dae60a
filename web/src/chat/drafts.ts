import { keep, kept } from "../app/kept";

const key = (userId: string, conversationId: string) => `teduh.words/${encodeURIComponent(userId)}/${conversationId}`;

/** What somebody has begun to write in a room; it stays there until it is sent or taken away. */
export function keptWords(userId: string, conversationId: string): string {
  return kept(key(userId, conversationId)) ?? "";
}

export function keepWords(userId: string, conversationId: string, text: string): void {
  keep(key(userId, conversationId), text === "" ? null : text);
}
