/** The typed client of the booking-and-chat API: what the project's own web client is made of, without its pages. */
export { allItems, answer, createApi, type Api, type Asker } from "../../../web/src/api/client";
export { ApiProblem, problemOf } from "../../../web/src/api/problem";
export type * from "../../../web/src/api/types";
export type { components, operations, paths } from "../../../web/src/api/generated/rest";
export {
  ChatSession,
  ConnectionLost,
  FrameRefused,
  type ConnectionState,
  type Request,
  type Socket,
  type Surroundings,
} from "../../../web/src/realtime/ChatSession";
export { MessageWindow } from "../../../web/src/realtime/MessageWindow";
export { Outbox, type Attempt, type KeyValueStore, type Outgoing } from "../../../web/src/realtime/Outbox";
export { RoomFeed, type FeedSnapshot } from "../../../web/src/realtime/RoomFeed";
export { connect, type Chat, type ConnectOptions } from "./connect";
