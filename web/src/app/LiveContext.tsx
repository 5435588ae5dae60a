import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Api } from "../api/client";
import type { Booking, Message, Room, ServerEvent } from "../api/types";
import type { ConnectionState } from "../realtime/ChatSession";
import { Realtime } from "../realtime/Realtime";
import { useApp } from "./AppContext";
import type { Identity } from "./identity";

export interface Live {
  identity: Identity;
  api: Api;
  realtime: Realtime;
}

/** What events can change. */
const LIVE_KEYS = ["room", "rooms", "bookings", "money", "admin"] as const;
/** Messages come in bursts; the list of rooms follows once they pause. */
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

  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

function refresh(queries: QueryClient, event: ServerEvent): void {
  if (event.type === "booking") {
    putBooking(queries, event.booking);
    void queries.invalidateQueries({ queryKey: ["room", event.booking.chatRoomId] });
    for (const key of ["rooms", "bookings", "admin", "money"]) void queries.invalidateQueries({ queryKey: [key] });
  } else if (event.type === "message" || event.type === "read") {
    if (event.type === "message") putLastMessage(queries, event.message);
    refreshRoomsSoon(queries);
  } else if (event.type === "notification") {
    void queries.invalidateQueries({ queryKey: ["bookings"] });
  }
}

let pendingRefresh = 0;

/** Brings the list of rooms up to date, once for a burst of messages. */
export function refreshRoomsSoon(queries: QueryClient): void {
  window.clearTimeout(pendingRefresh);
  pendingRefresh = window.setTimeout(() => void queries.invalidateQueries({ queryKey: ["rooms"] }), LIST_FOLLOWS_AFTER);
}

/** Shows a booking's new state at once where its room is on the screen, unless a later one is there. */
export function putBooking(queries: QueryClient, booking: Booking): void {
  queries.setQueryData<Room>(["room", booking.chatRoomId], (room) =>
    room && room.booking.version < booking.version
      ? { ...room, booking: { ...room.booking, ...booking }, actions: room.actions.filter((action) => action === "sendMessage") }
      : room,
  );
  changeListed(queries, booking.chatRoomId, (room) =>
    room.booking.version < booking.version ? { ...room, booking: { ...room.booking, ...booking } } : room,
  );
}

type ListedRooms = { items: Room[] } | { pages: { items: Room[] }[] };

/** Changes a room wherever a list shows it, until the server's own word comes. */
function changeListed(queries: QueryClient, conversationId: string, change: (room: Room) => Room): void {
  const inPage = <Page extends { items: Room[] }>(page: Page): Page => ({
    ...page,
    items: page.items.map((room) => (room.conversationId === conversationId ? change(room) : room)),
  });
  queries.setQueriesData<ListedRooms>({ queryKey: ["rooms"] }, (listed) => {
    if (!listed) return listed;
    return "pages" in listed ? { ...listed, pages: listed.pages.map(inPage) } : inPage(listed);
  });
}

function putLastMessage(queries: QueryClient, message: Message): void {
  changeListed(queries, message.conversationId, (room) =>
    room.lastSequence < message.sequence
      ? { ...room, lastSequence: message.sequence, lastMessage: { ...message, message: message.message.slice(0, 200) } }
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
