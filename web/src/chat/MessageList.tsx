import { useQueryClient } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Message, Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { refreshRoomsSoon, useLive } from "../app/LiveContext";
import { serverNow } from "../app/serverClock";
import type { FeedSnapshot, RoomFeed } from "../realtime/RoomFeed";
import { Button } from "../ui/controls";
import { MessageBubble, OutgoingBubble } from "./MessageBubble";
import { MessageMenu, type Purpose } from "./MessageMenu";
import { otherName } from "./people";

const NEAR = 160;
const TYPING_LASTS = 5_000;

interface MessageListProperties {
  feed: RoomFeed;
  snapshot: FeedSnapshot;
  room: Room;
  /** A message that a search has led to. */
  highlighted: number | null;
  /** Leads to a message, as a quote does. */
  onShow(sequence: number): void;
  /** Answers or edits one. */
  onCompose(purpose: Purpose): void;
}

/** The messages in memory; scrolling to either end fetches more. */
export function MessageList({ feed, snapshot, room, highlighted, onShow, onCompose }: MessageListProperties) {
  const words = useWords();
  const { t } = words;
  const { realtime, identity } = useLive();
  const container = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ sequence: number; top: number } | null>(null);
  const atEnd = useRef(true);
  const [isAway, setIsAway] = useState(false);
  const outgoing = useSyncExternalStore(
    useCallback((listener) => realtime.outbox.onChange(listener), [realtime]),
    () => realtime.outbox.entries,
  ).filter((entry) => entry.conversationId === room.conversationId);
  const acknowledged = new Set(snapshot.items.map((message) => message.clientMessageId));
  const waiting = outgoing.filter((entry) => !acknowledged.has(entry.clientMessageId));

  const remember = useCallback(() => {
    const list = container.current;
    if (!list) return;
    atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    setIsAway(!atEnd.current);
    for (const element of list.querySelectorAll<HTMLElement>("[data-sequence]")) {
      if (element.offsetTop + element.offsetHeight > list.scrollTop) {
        anchor.current = { sequence: Number(element.dataset["sequence"]), top: element.offsetTop - list.scrollTop };
        return;
      }
    }
  }, []);

  // What was before the reader's eyes stays there when messages come in above or leave.
  useLayoutEffect(() => {
    const list = container.current;
    if (!list) return;
    const chosen = highlighted === null ? null : find(list, highlighted);
    if (atEnd.current && !snapshot.detached) list.scrollTop = list.scrollHeight;
    else if (anchor.current) {
      const element = find(list, anchor.current.sequence);
      if (element) list.scrollTop = element.offsetTop - anchor.current.top;
    }
    if (chosen && !chosen.dataset["shown"]) {
      chosen.dataset["shown"] = "yes";
      chosen.scrollIntoView({ block: "center" });
      atEnd.current = false;
    }
    remember();
  }, [snapshot.items, snapshot.detached, waiting.length, highlighted, remember]);

  // Pictures get their height late, the window gets smaller under a keyboard: who was at the end stays there.
  useEffect(() => {
    const list = container.current;
    if (!list) return;
    const keepEnd = () => {
      if (atEnd.current && !feed.snapshot.detached) list.scrollTop = list.scrollHeight;
      else if (anchor.current) {
        const element = find(list, anchor.current.sequence);
        if (element) list.scrollTop = element.offsetTop - anchor.current.top;
      }
    };
    const sizes = new ResizeObserver(keepEnd);
    sizes.observe(list);
    const observed = new Set<Element>();
    const observeAll = () => {
      for (const element of list.children) {
        if (!observed.has(element)) sizes.observe(element);
        observed.add(element);
      }
      for (const element of observed) {
        if (element.isConnected) continue;
        sizes.unobserve(element);
        observed.delete(element);
      }
    };
    observeAll();
    const children = new MutationObserver(observeAll);
    children.observe(list, { childList: true });
    return () => {
      sizes.disconnect();
      children.disconnect();
    };
  }, [feed]);

  // Whoever writes wants to see it, however far back they have read.
  const newestWaiting = waiting.at(-1)?.clientMessageId ?? null;
  const shownWaiting = useRef(newestWaiting);
  useEffect(() => {
    if (newestWaiting === null || newestWaiting === shownWaiting.current) return;
    shownWaiting.current = newestWaiting;
    void toEnd();
  });

  useReadMarks(feed, snapshot, room, atEnd);
  const firstUnread = useFirstUnread(snapshot, room);
  const news = useNews(feed, isAway || snapshot.detached);

  function scrolled() {
    const list = container.current;
    if (!list) return;
    remember();
    if (list.scrollTop < NEAR && snapshot.hasOlder) void feed.loadOlder().catch(() => undefined);
    if (snapshot.detached && list.scrollHeight - list.scrollTop - list.clientHeight < NEAR) {
      void feed.loadNewer().catch(() => undefined);
    }
  }

  async function toEnd() {
    atEnd.current = true;
    if (container.current) container.current.scrollTop = container.current.scrollHeight;
    await feed.toEnd().catch(() => undefined);
    atEnd.current = true;
    if (container.current) container.current.scrollTop = container.current.scrollHeight;
  }

  return (
    <div className="messages-frame">
      <div
        ref={container}
        className="messages"
        role="log"
        aria-label={t("chat.messages")}
        tabIndex={0}
        onScroll={scrolled}
        data-in-memory={snapshot.items.length}
      >
        {snapshot.hasOlder ? (
          <div className="messages-edge">
            <Button size="small" look="quiet" busy={snapshot.loadingOlder} onPress={() => void feed.loadOlder().catch(() => undefined)}>
              {snapshot.loadingOlder ? t("chat.loadingOlder") : t("chat.older")}
            </Button>
          </div>
        ) : (
          <p className="messages-edge muted small">{t("chat.start")}</p>
        )}
        {snapshot.items.map((message, index) => (
          <Fragment key={message.sequence}>
            {isNewDay(message, snapshot.items[index - 1]) ? (
              <p className="day-mark">
                <span>{dayName(message.timestamp, words)}</span>
              </p>
            ) : null}
            {message.sequence === firstUnread ? (
              <p className="unread-mark" role="separator">
                <span>{t("chat.unreadFrom")}</span>
              </p>
            ) : null}
            <MessageBubble
              message={message}
              isOwn={message.senderId === identity.userId}
              isRead={message.isRead || message.sequence <= Math.max(snapshot.otherReadSequence, room.otherReadSequence)}
              isHighlighted={message.sequence === highlighted}
              answered={message.replyTo === null ? undefined : feed.messageAt(message.replyTo)}
              onShow={onShow}
              menu={<MessageMenu message={message} room={room} onCompose={onCompose} />}
            />
          </Fragment>
        ))}
        {waiting.map((entry) => (
          <OutgoingBubble
            key={entry.clientMessageId}
            entry={entry}
            onRetry={() => realtime.outbox.retry(entry.clientMessageId)}
            onDrop={() => realtime.outbox.drop(entry.clientMessageId)}
          />
        ))}
        <Typing at={snapshot.typingAt} name={otherName(room, identity.role)} />
      </div>
      {isAway || snapshot.detached ? (
        <button type="button" className="to-end" onClick={() => void toEnd()}>
          <ArrowDown size={16} aria-hidden />
          {t("chat.toEnd")}
          {news > 0 ? (
            <span className="count" aria-label={t("chats.unread", { count: news })}>
              {news}
            </span>
          ) : null}
        </button>
      ) : null}
    </div>
  );
}

/** The first of others' messages that was unread when the room was opened; it keeps its place while one reads. */
function useFirstUnread(snapshot: FeedSnapshot, room: Room): number | null {
  const { identity } = useLive();
  const [readAtOpening] = useState(room.readSequence);
  if (identity.role === "admin") return null;
  const first = snapshot.items.find((message) => message.sequence > readAtOpening && message.senderId !== identity.userId);
  return first === undefined || first.sequence === 1 ? null : first.sequence;
}

/** How many messages have come since the reader left the end. */
function useNews(feed: RoomFeed, isAway: boolean): number {
  const [seen, setSeen] = useState(feed.lastKnown);
  useEffect(() => {
    if (!isAway) setSeen(feed.lastKnown);
  }, [isAway, feed, feed.lastKnown]);
  return isAway ? Math.max(0, feed.lastKnown - seen) : 0;
}

const find = (list: HTMLElement, sequence: number) => list.querySelector<HTMLElement>(`[data-sequence="${sequence}"]`);

function isNewDay(message: Message, before: Message | undefined): boolean {
  return !before || new Date(message.timestamp).toDateString() !== new Date(before.timestamp).toDateString();
}

function dayName(timestamp: string, words: ReturnType<typeof useWords>): string {
  const isToday = new Date(timestamp).toDateString() === new Date(serverNow()).toDateString();
  return isToday ? words.t("chat.date.today") : words.weekday(timestamp);
}

function Typing({ at, name }: { at: number; name: string }) {
  const { t } = useWords();
  const [, tick] = useState(0);
  const isTyping = Date.now() - at < TYPING_LASTS;
  useEffect(() => {
    if (!isTyping) return;
    const timer = window.setTimeout(() => tick((count) => count + 1), TYPING_LASTS - (Date.now() - at) + 50);
    return () => window.clearTimeout(timer);
  }, [at, isTyping]);
  if (!isTyping) return null;
  return (
    <p className="typing" role="status">
      <span className="typing-dots" aria-hidden>
        <i />
        <i />
        <i />
      </span>
      {t("chat.typing", { name })}
    </p>
  );
}

/** Marks as read what a party has on the screen. */
function useReadMarks(feed: RoomFeed, snapshot: FeedSnapshot, room: Room, atEnd: { current: boolean }): void {
  const { realtime, identity } = useLive();
  const queries = useQueryClient();
  const marked = useRef(room.readSequence);
  const last = snapshot.items.at(-1);
  useEffect(() => {
    if (identity.role === "admin" || !last) return;
    const mark = () => {
      if (document.visibilityState !== "visible" || !atEnd.current || last.sequence <= marked.current) return;
      marked.current = last.sequence;
      realtime.markRead(feed.conversationId, last.sequence).then(
        () => refreshRoomsSoon(queries),
        () => {
          marked.current = Math.min(marked.current, last.sequence - 1);
        },
      );
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [realtime, identity.role, feed, last, atEnd, queries]);
}
