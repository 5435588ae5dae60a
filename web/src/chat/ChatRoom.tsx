import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Route as Route2, Search } from "lucide-react";
import { useCallback, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { refreshRoomsSoon, useConnection, useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { serverNow } from "../app/serverClock";
import type { RoomFeed } from "../realtime/RoomFeed";
import { Avatar, Countdown, StatusBadge, TestMark } from "../ui/bits";
import { Button, IconButton } from "../ui/controls";
import { Answer, Failure, Loading } from "../ui/states";
import { BookingActions } from "./BookingActions";
import { BookingCard } from "./BookingCard";
import { ChatElsewhere } from "./ChatElsewhere";
import { Composer } from "./Composer";
import { HelpActions } from "./HelpActions";
import { MessageList } from "./MessageList";
import type { Purpose } from "./MessageMenu";
import { otherName } from "./people";
import { PresenceLine } from "./PresenceLine";
import { TranslationSwitch } from "./RoomSettings";
import { SearchPanel } from "./SearchPanel";
import "../styles/chat.css";

interface ChatRoomProperties {
  conversationId: string;
  /** Where the arrow leads. */
  back: string;
  bookAgain?: BookAgain;
}

/** What a customer gets who wants the same therapist again. */
export interface BookAgain {
  sheet(therapistId: string, onClose: () => void): ReactNode;
  /** Whether a reload has interrupted it here. */
  isOpen(): boolean;
}

/** One conversation, for every role. */
export function ChatRoom({ conversationId, back, bookAgain }: ChatRoomProperties) {
  const live = useLive();
  const room = useQuery({
    queryKey: ["room", conversationId],
    queryFn: () => answer(live.api.GET("/rooms/{conversationId}", { params: { path: { conversationId } } })),
    refetchInterval: 60_000,
  });
  if (room.isError && !room.data && problemOf(room.error).code === "not_found") return <ChatElsewhere base={back} />;
  return (
    <Answer query={room}>
      {(found) => <OpenRoom room={found} back={back} refetch={() => void room.refetch()} {...(bookAgain ? { bookAgain } : {})} />}
    </Answer>
  );
}

interface OpenRoomProperties {
  room: Room;
  back: string;
  refetch(): void;
  bookAgain?: BookAgain;
}

function OpenRoom({ room, back, refetch, bookAgain }: OpenRoomProperties) {
  const { t } = useWords();
  const { realtime, identity } = useLive();
  const { conversationId, booking } = room;
  const feed = realtime.feed(conversationId);
  const [isSearching, setIsSearching] = useState(false);
  const [isBookingAgain, setIsBookingAgain] = useState(() => bookAgain?.isOpen() ?? false);
  const [highlighted, setHighlighted] = useState<number | null>(null);

  const [purpose, setPurpose] = useState<Purpose | null>(null);
  const showMessage = useCallback(
    (sequence: number) => void feed.showAround(sequence).then(() => setHighlighted(sequence), () => undefined),
    [feed],
  );

  useEffect(() => {
    realtime.start();
    const hide = realtime.show(conversationId);
    feed.open().catch(() => undefined);
    return hide;
  }, [realtime, conversationId, feed]);
  useRefetchAt(booking.status === "pending" ? booking.responseDeadline : null, refetch);
  useRoomListRefresh(feed);
  useFallbackPolling(feed);

  const name = otherName(room, identity.role);
  usePageTitle(t("chat.with", { name }));
  const canWrite = room.actions.includes("sendMessage");
  // Whoever blocks the other can still write, and is told why nothing comes back.
  const isBlockedByOneself = room.blockedBy.some((role) => role === identity.role);
  return (
    <div className="chat-room" aria-label={t("chat.with", { name })} role="region">
      <header className="chat-header">
        <Link href={back} className="icon-button chat-back" aria-label={t("common.back")}>
          <ArrowLeft size={20} aria-hidden />
        </Link>
        <Avatar name={name} />
        <div className="chat-title">
          <h1>{name}</h1>
          <span className="row row-tight">
            <StatusBadge status={booking.status} />
            <TestMark of={booking} />
            {booking.status === "pending" ? <Countdown deadline={booking.responseDeadline} /> : null}
            <PresenceLine room={room} />
          </span>
        </div>
        <IconButton label={t("chat.search")} icon={<Search size={20} aria-hidden />} onPress={() => setIsSearching(!isSearching)} />
      </header>
      {isSearching ? (
        <SearchPanel
          conversationId={conversationId}
          onClose={() => setIsSearching(false)}
          onChoose={(sequence) => {
            setIsSearching(false);
            showMessage(sequence);
          }}
        />
      ) : null}
      <BookingCard room={room}>
        {identity.role === "admin" ? null : (
          <Link href={`${back}/${conversationId}/booking`} className="button button-secondary button-normal">
            <Route2 size={18} aria-hidden />
            <span>{t("visit.open")}</span>
          </Link>
        )}
        <BookingActions room={room} />
        <HelpActions booking={booking} />
        {identity.role === "admin" ? null : <TranslationSwitch room={room} />}
        {bookAgain && identity.role === "customer" && !["pending", "confirmed"].includes(booking.status) ? (
          <Button look="primary" onPress={() => setIsBookingAgain(true)}>
            {t("chat.bookAgain")}
          </Button>
        ) : null}
      </BookingCard>
      <Messages feed={feed} room={room} highlighted={highlighted} onShow={showMessage} onCompose={setPurpose} />
      {canWrite && isBlockedByOneself ? (
        <p className="chat-closed" role="status">
          {t("chat.blockedByYou")}
        </p>
      ) : null}
      {canWrite ? (
        <Composer
          key={purpose ? `${purpose.kind} ${purpose.message.sequence}` : "new"}
          conversationId={conversationId}
          purpose={purpose}
          onDone={() => setPurpose(null)}
        />
      ) : (
        <p className="chat-closed" role="status">
          {room.blockedBy.length > 0 ? t(isBlockedByOneself ? "chat.blockedByYou" : "chat.blocked") : t("chat.closed")}{" "}
          {t("chat.readOnly")}
        </p>
      )}
      {isBookingAgain ? bookAgain?.sheet(room.therapistId, () => setIsBookingAgain(false)) : null}
    </div>
  );
}

interface MessagesProperties {
  feed: RoomFeed;
  room: Room;
  highlighted: number | null;
  onShow(sequence: number): void;
  onCompose(purpose: Purpose): void;
}

function Messages({ feed, room, highlighted, onShow, onCompose }: MessagesProperties) {
  const snapshot = useSyncExternalStore(feed.onChange, () => feed.snapshot);
  if (snapshot.status === "failed") {
    return <Failure failure={snapshot.failure} onRetry={() => void feed.open().catch(() => undefined)} />;
  }
  if (snapshot.status === "loading") {
    return (
      <div className="messages">
        <Loading lines={4} />
      </div>
    );
  }
  return <MessageList feed={feed} snapshot={snapshot} room={room} highlighted={highlighted} onShow={onShow} onCompose={onCompose} />;
}

/** Asks again once a deadline has passed: from then on the server shows the booking as expired. */
function useRefetchAt(deadline: string | null, refetch: () => void): void {
  useEffect(() => {
    if (!deadline) return;
    const wait = Date.parse(deadline) - serverNow() + 1_500;
    if (wait < 0 || wait > 2 ** 31 - 1) return;
    const timer = window.setTimeout(refetch, wait);
    return () => window.clearTimeout(timer);
    // A new function with every rendering, but always the same effect.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [deadline]);
}

/** Keeps the list of rooms in step with what is written here. */
function useRoomListRefresh(feed: RoomFeed): void {
  const queries = useQueryClient();
  useEffect(() => {
    let last = feed.last;
    return feed.onChange(() => {
      if (feed.last === last) return;
      last = feed.last;
      refreshRoomsSoon(queries);
    });
  }, [feed, queries]);
}

/** Without a connection the room asks every few seconds what is new. */
function useFallbackPolling(feed: RoomFeed): void {
  const connection = useConnection();
  useEffect(() => {
    if (connection === "open") return;
    const timer = window.setInterval(() => void feed.catchUp().catch(() => undefined), 5_000);
    return () => window.clearInterval(timer);
  }, [connection, feed]);
}
