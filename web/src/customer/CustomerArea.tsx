import { useQuery } from "@tanstack/react-query";
import { BellRing, Gauge, MessageCircle, Search } from "lucide-react";
import { useState } from "react";
import { Route, Switch } from "wouter";
import { useCustomer, useMember, useWords } from "../app/AppContext";
import { LiveProvider, useLiveOrNull } from "../app/LiveContext";
import { NotFound } from "../app/NotFound";
import { Shell } from "../app/Shell";
import { answer } from "../api/client";
import { ChatsPage } from "../chat/ChatsPage";
import { BookAgain } from "./BookAgain";
import { FindPage } from "./FindPage";
import { TherapistPage } from "./TherapistPage";

export default function CustomerArea() {
  const customer = useCustomer();
  // A customer who comes back is connected at once; a new one with the first booking.
  const [knownFromTheStart] = useState(customer !== null);
  return (
    <LiveProvider identity={customer} connect={knownFromTheStart || customer?.kind === "member"}>
      <CustomerShell />
    </LiveProvider>
  );
}

function CustomerShell() {
  const { t } = useWords();
  const live = useLiveOrNull();
  const rooms = useQuery({
    queryKey: ["rooms", live?.identity.userId],
    enabled: live !== null,
    queryFn: async () => (live ? answer(live.api.GET("/rooms")) : null),
  });
  const unread = rooms.data?.items.reduce((sum, room) => sum + room.unreadCount, 0) ?? 0;
  const member = useMember();
  return (
    <Shell
      waiting={unread}
      navigation={[
        { href: "/", label: t("app.nav.find"), icon: <Search size={20} aria-hidden /> },
        {
          href: "/chats",
          label: t("app.nav.chats"),
          icon: <MessageCircle size={20} aria-hidden />,
          count: unread,
          countLabel: t("chats.unread", { count: unread }),
        },
        ...(member?.role === "therapist" ? [{ href: "/desk", label: t("app.nav.desk"), icon: <BellRing size={20} aria-hidden /> }] : []),
        ...(member?.role === "admin" ? [{ href: "/admin", label: t("app.nav.admin"), icon: <Gauge size={20} aria-hidden /> }] : []),
      ]}
    >
      <Switch>
        <Route path="/" component={FindPage} />
        <Route path="/t/:therapistId">{({ therapistId }) => <TherapistPage therapistId={therapistId} />}</Route>
        <Route path="/chats/:conversationId?">
          {({ conversationId }) =>
            <ChatsPage
              conversationId={conversationId ?? null}
              base="/chats"
              bookAgain={(therapistId, onClose) => <BookAgain therapistId={therapistId} onClose={onClose} />}
            />
          }
        </Route>
        <Route component={NotFound} />
      </Switch>
    </Shell>
  );
}
