import { useInfiniteQuery } from "@tanstack/react-query";
import { MessageCircle } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLiveOrNull, type Live } from "../app/LiveContext";
import { Avatar, Count, StatusBadge } from "../ui/bits";
import { Button } from "../ui/controls";
import { Empty, Failure, Loading } from "../ui/states";
import { ChatRoom } from "./ChatRoom";
import { otherName } from "./people";
import "../styles/chat.css";

interface ChatsPageProperties {
  conversationId: string | null;
  base: string;
  /** What opens when a customer wants the same therapist again. */
  bookAgain?: (therapistId: string, onClose: () => void) => ReactNode;
}

/** All chats of the user, and the chosen one beside them; on small screens one or the other. */
export function ChatsPage({ conversationId, base, bookAgain }: ChatsPageProperties) {
  const { t } = useWords();
  const live = useLiveOrNull();
  return (
    <div className={conversationId ? "chats chats-open" : "chats"}>
      <section className="chats-list" aria-labelledby="chats-title">
        <h1 id="chats-title">{t("chats.title")}</h1>
        {live ? <RoomList live={live} base={base} chosen={conversationId} /> : <NoChats />}
      </section>
      <section className="chats-room">
        {conversationId && live ? (
          <ChatRoom key={conversationId} conversationId={conversationId} back={base} {...(bookAgain ? { bookAgain } : {})} />
        ) : (
          <div className="chats-none">
            <MessageCircle size={40} aria-hidden />
            <p>{t("chats.choose")}</p>
          </div>
        )}
      </section>
    </div>
  );
}

function NoChats() {
  const { t } = useWords();
  const isTherapist = useLiveOrNull()?.identity.role === "therapist";
  return (
    <Empty title={t("chats.empty.title")} text={isTherapist ? t("chats.emptyDesk.text") : t("chats.empty.text")}>
      {isTherapist ? null : (
        <Link href="/" className="button button-primary button-normal">
          {t("app.nav.find")}
        </Link>
      )}
    </Empty>
  );
}

function RoomList({ live, base, chosen }: { live: Live; base: string; chosen: string | null }) {
  const { t } = useWords();
  const rooms = useInfiniteQuery({
    queryKey: ["rooms", "pages", live.identity.userId],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      answer(live.api.GET("/rooms", { params: { query: pageParam ? { cursor: pageParam } : {} } })),
    getNextPageParam: (page) => page.nextCursor,
  });
  const items = rooms.data?.pages.flatMap((page) => page.items) ?? [];
  if (rooms.isPending) return <Loading lines={4} />;
  if (rooms.isError && items.length === 0) return <Failure failure={rooms.error} onRetry={() => void rooms.refetch()} />;
  if (items.length === 0) return <NoChats />;
  return (
    <>
      <ul className="room-list">
        {items.map((room) => (
          <li key={room.conversationId}>
            <RoomLink room={room} live={live} href={`${base}/${room.conversationId}`} isChosen={room.conversationId === chosen} />
          </li>
        ))}
      </ul>
      {rooms.hasNextPage ? (
        <Button busy={rooms.isFetchingNextPage} onPress={() => void rooms.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}

function RoomLink({ room, live, href, isChosen }: { room: Room; live: Live; href: string; isChosen: boolean }) {
  const words = useWords();
  const { t } = words;
  const name = otherName(room, live.identity.role);
  const last = room.lastMessage;
  const isOwn = last?.senderId === live.identity.userId;
  return (
    <Link href={href} className="room-link" aria-current={isChosen ? "true" : undefined}>
      <Avatar name={name} />
      <span className="room-link-text">
        <span className="room-link-top">
          <strong>{name}</strong>
          {last ? <time dateTime={last.timestamp}>{words.time(last.timestamp)}</time> : null}
        </span>
        <span className="room-link-last">
          {last ? (isOwn ? `${t("chats.you")}: ${last.message}` : last.message) : null}
        </span>
        <span className="row row-tight">
          <StatusBadge status={room.booking.status} />
          <Count count={room.unreadCount} label={t("chats.unread", { count: room.unreadCount })} />
        </span>
      </span>
    </Link>
  );
}
