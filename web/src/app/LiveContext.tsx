import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { Api } from "../api/client";
import type { Booking, Message, Room, ServerEvent } from "../api/types";
import { changeInLists } from "../data/useGrowingList";
import type { ConnectionState } from "../realtime/ChatSession";
import { Realtime } from "../realtime/Realtime";
import { beginningOf } from "../ui/plainText";
import { useApp } from "./AppContext";
import type { Identity } from "./identity";

export interface Live {
  identity: Identity;
  api: Api;
  realtime: Realtime;
}

/** What events can change. */
const LIVE_KEYS = ["room", "rooms", "bookings", "money", "admin", "notifications"] as const;
/** Events come in bursts; lists follow once for each, after so many milliseconds. */
const LIST_FOLLOWS_AFTER = 300;

const LiveContext = createContext<Live | null>(null);

interface Properties {
  identity: Identity | null;
  /** Whether to connect at once; else the first one who needs the connection starts it. */
  connect: boolean;
  children: ReactNode;
}

/** Gives everything below it one user's interface, connection and fresh queries; null for nobody. */
export function LiveProvider({ identity, connect, children }: Properties) {
  const { apiFor, configuration } = useApp();
  const queries = useQueryClient();
  const key = identity ? `${identity.kind} ${identity.userId}` : null;
  const live = useMemo(
    () =>
      identity
        ? { identity, api: apiFor(identity), realtime: new Realtime(apiFor(identity), identity, configuration.webSocketUrl) }
        : null,
    // A renewed token is not another user: the connection stays.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [key, apiFor, configuration],
  );

  useEffect(() => {
    if (!live) return;
    const { realtime } = live;
    const unlisten = [
      realtime.session.onEvent((event) => refresh(queries, event)),
      realtime.session.onState((state) => {
        // Something may have happened while nobody listened.
        if (state === "open") for (const key of LIVE_KEYS) void queries.invalidateQueries({ queryKey: [key] });
      }),
    ];
    if (connect) realtime.start();
    return () => {
      for (const stop of unlisten) stop();
      realtime.stop();
    };
    // `connect` matters when the user changes, not later: a connection once started stays.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [live, queries]);

  useForgetting(key, queries);

  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

/** What anybody may see; everything else belongs to the user who asked. */
const PUBLIC_KEYS: ReadonlySet<unknown> = new Set(["configuration", "catalogue"]);

/** Forgets what one user has asked when another one, or nobody, comes in their place. */
function useForgetting(key: string | null, queries: QueryClient): void {
  const former = useRef(key);
  useEffect(() => {
    if (former.current !== null && former.current !== key) {
      queries.removeQueries({ predicate: ({ queryKey }) => !PUBLIC_KEYS.has(queryKey[0]) });
    }
    former.current = key;
  }, [key, queries]);
}

function refresh(queries: QueryClient, event: ServerEvent): void {
  if (event.type === "booking") {
    putBooking(queries, event.booking);
    void queries.invalidateQueries({ queryKey: ["room", event.booking.chatRoomId] });
    refreshSoon(queries, ["rooms", "bookings", "admin", "money"]);
  } else if (event.type === "message" || event.type === "edited" || event.type === "deleted" || event.type === "read") {
    if (event.type === "message") putLastMessage(queries, event.message);
    refreshRoomsSoon(queries);
  } else if (event.type === "presence") {
    const { userId, online, lastSeenAt } = event;
    queries.setQueryData<Room>(["room", event.conversationId], (room) =>
      room?.presence ? { ...room, presence: { ...room.presence, [userId]: { online, lastSeenAt } } } : room,
    );
  } else if (event.type === "sos") {
    refreshSoon(queries, ["admin", "notifications"]);
  } else if (event.type === "notification") {
    void queries.invalidateQueries({ queryKey: ["bookings"] });
    void queries.invalidateQueries({ queryKey: ["notifications"] });
  }
}

const dirty = new Set<string>();
let pendingRefresh = 0;

/** Brings lists up to date: at once if it has been quiet, and once for a burst of events. */
function refreshSoon(queries: QueryClient, keys: readonly string[]): void {
  for (const key of keys) dirty.add(key);
  if (pendingRefresh !== 0) return;
  pendingRefresh = window.setTimeout(() => {
    pendingRefresh = 0;
    for (const key of dirty) void queries.invalidateQueries({ queryKey: [key] });
    dirty.clear();
  }, LIST_FOLLOWS_AFTER);
}

/** Brings the list of rooms up to date, once for a burst of messages. */
export function refreshRoomsSoon(queries: QueryClient): void {
  refreshSoon(queries, ["rooms"]);
}

/** Shows a booking's new state at once where its room is on the screen, unless a later one is there. */
export function putBooking(queries: QueryClient, booking: Booking): void {
  queries.setQueryData<Room>(["room", booking.chatRoomId], (room) =>
    room && room.booking.version < booking.version
      ? { ...room, booking: { ...room.booking, ...booking }, actions: room.actions.filter((action) => action === "sendMessage") }
      : room,
  );
  changeInLists<Room>(queries, ["rooms"], (room) =>
    room.conversationId === booking.chatRoomId && room.booking.version < booking.version
      ? { ...room, booking: { ...room.booking, ...booking } }
      : room,
  );
  for (const beginning of [["bookings"], ["admin", "bookings"]]) {
    changeInLists<Booking>(queries, beginning, (listed) =>
      listed.bookingId === booking.bookingId && listed.version < booking.version ? { ...listed, ...booking } : listed,
    );
  }
}

function putLastMessage(queries: QueryClient, message: Message): void {
  changeInLists<Room>(queries, ["rooms"], (room) =>
    room.conversationId === message.conversationId && room.lastSequence < message.sequence
      ? { ...room, lastSequence: message.sequence, lastMessage: { ...message, message: beginningOf(message.message, 200) } }
      : room,
  );
}

/** The live part of the present user, or null for a visitor. */
export function useLiveOrNull(): Live | null {
  return useContext(LiveContext);
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive outside of LiveProvider");
  return live;
}

/** The state of the connection; "stopped" for a visitor. */
export function useConnection(): ConnectionState {
  const live = useLiveOrNull();
  const [state, setState] = useState<ConnectionState>(live?.realtime.session.state ?? "stopped");
  useEffect(() => {
    if (!live) return;
    setState(live.realtime.session.state);
    return live.realtime.session.onState(setState);
  }, [live]);
  return live ? state : "stopped";
}
