import { MessageCircle } from "lucide-react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLiveOrNull, type Live } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { RecoverChats } from "../customer/RecoverChats";
import { useGrowingList } from "../data/useGrowingList";
import { Avatar, Count, StatusBadge, TestMark } from "../ui/bits";
import { GrowingList } from "../ui/GrowingList";
import { Empty } from "../ui/states";
import { ChatElsewhere } from "./ChatElsewhere";
import { ChatRoom, type BookAgain } from "./ChatRoom";
import { otherName } from "./people";
import { byLastWord, unreadOf } from "./unread";
import "../styles/chat.css";

interface ChatsPageProperties {
  conversationId: string | null;
  base: string;
  bookAgain?: BookAgain;
}

/** All chats of the user, and the chosen one beside them; on small screens one or the other. */
export function ChatsPage({ conversationId, base, bookAgain }: ChatsPageProperties) {
  const { t } = useWords();
  usePageTitle(conversationId ? null : t("chats.title"));
  const live = useLiveOrNull();
  // A page has one subject: the open chat, or else the list.
  const Heading = conversationId ? "h2" : "h1";
  return (
    <div className={conversationId ? "chats chats-open" : "chats"}>
      <section className="chats-list" aria-labelledby="chats-title">
        <Heading id="chats-title" className="page-heading">
          {t("chats.title")}
        </Heading>
        {live ? <RoomList live={live} base={base} chosen={conversationId} /> : <NoChats />}
        {live && live.identity.role !== "customer" ? null : (
          <div className="chats-recover">
            <RecoverChats />
          </div>
        )}
      </section>
      <section className="chats-room">
        {conversationId && !live ? (
          <ChatElsewhere />
        ) : conversationId && live ? (
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
  const rooms = useGrowingList<Room>({
    queryKey: ["rooms", "list", live.identity.userId],
    idOf: ({ conversationId }) => conversationId,
    orderOf: ({ createdAt }) => createdAt,
    page: (cursor) => answer(live.api.GET("/rooms", { params: { query: cursor ? { cursor } : {} } })),
  });
  return (
    <GrowingList list={rooms} lines={4} empty={<NoChats />}>
      {(items) => (
        <ul className="room-list">
          {items.toSorted(byLastWord).map((room) => (
            <li key={room.conversationId}>
              <RoomLink room={room} live={live} href={`${base}/${room.conversationId}`} isChosen={room.conversationId === chosen} />
            </li>
          ))}
        </ul>
      )}
    </GrowingList>
  );
}

function RoomLink({ room, live, href, isChosen }: { room: Room; live: Live; href: string; isChosen: boolean }) {
  const words = useWords();
  const { t } = words;
  const name = otherName(room, live.identity.role);
  const last = room.lastMessage;
  const unread = unreadOf(room);
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
          <TestMark of={room.booking} />
          <Count count={unread} label={t("chats.unread", { count: unread })} />
        </span>
      </span>
    </Link>
  );
}
