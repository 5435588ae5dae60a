import { useQuery } from "@tanstack/react-query";
import { Banknote, BellRing, CalendarDays, MessageCircle, NotebookPen, UserRound } from "lucide-react";
import { Suspense, useState } from "react";
import { Route, Switch } from "wouter";
import { answer } from "../api/client";
import { useMember, useWords } from "../app/AppContext";
import { LiveProvider, useLive } from "../app/LiveContext";
import { NotFound } from "../app/NotFound";
import { lazyPage } from "../app/recovery";
import { Shell } from "../app/Shell";
import { unreadIn } from "../chat/unread";
import { PresenceChoice } from "./PresenceChoice";
import { useProfile, useWaiting } from "./queries";
import { ReachBar } from "./ReachBar";
import { RequestsPage } from "./RequestsPage";
import { RingingBanner } from "./RingingBanner";
import "../styles/desk.css";

const SignOutQuestion = lazyPage(async () => ({ default: (await import("./SignOutQuestion")).SignOutQuestion }));
const ChatsPage = lazyPage(async () => ({ default: (await import("../chat/ChatsPage")).ChatsPage }));
const BookingPage = lazyPage(async () => ({ default: (await import("../chat/BookingPage")).BookingPage }));
const CalendarPage = lazyPage(() => import("./CalendarPage"));
const MenuPage = lazyPage(() => import("./MenuPage"));
const MoneyPage = lazyPage(() => import("./MoneyPage"));
const SettingsPage = lazyPage(() => import("./SettingsPage"));

export default function TherapistArea() {
  const member = useMember();
  return (
    <LiveProvider identity={member} connect>
      <TherapistShell />
    </LiveProvider>
  );
}

function TherapistShell() {
  const { t } = useWords();
  const { api, identity } = useLive();
  const waiting = useWaiting();
  const rooms = useQuery({ queryKey: ["rooms", identity.userId], queryFn: () => answer(api.GET("/rooms")) });
  const unread = unreadIn(rooms.data?.items ?? []);
  const requests = waiting.data?.length ?? 0;
  const isOnline = useProfile().data?.status === "online";
  const [isLeaving, setIsLeaving] = useState(false);
  return (
    <Shell
      waiting={requests + unread}
      tools={<PresenceChoice />}
      {...(isOnline ? { onSignOut: () => setIsLeaving(true) } : {})}
      navigation={[
        {
          href: "/",
          label: t("desk.nav.requests"),
          shortLabel: t("desk.nav.requests.short"),
          icon: <BellRing size={20} aria-hidden />,
          count: requests,
          countLabel: t("desk.requests.ringing", { count: requests }),
        },
        {
          href: "/chats",
          label: t("desk.nav.chats"),
          icon: <MessageCircle size={20} aria-hidden />,
          count: unread,
          countLabel: t("chats.unread", { count: unread }),
        },
        { href: "/calendar", label: t("desk.nav.calendar"), icon: <CalendarDays size={20} aria-hidden /> },
        { href: "/menu", label: t("desk.nav.menu"), shortLabel: t("desk.nav.menu.short"), icon: <NotebookPen size={20} aria-hidden /> },
        { href: "/money", label: t("desk.nav.money"), shortLabel: t("desk.nav.money.short"), icon: <Banknote size={20} aria-hidden /> },
        { href: "/settings", label: t("desk.nav.settings"), shortLabel: t("desk.nav.settings.short"), icon: <UserRound size={20} aria-hidden /> },
      ]}
    >
      {isLeaving ? (
        <Suspense fallback={null}>
          <SignOutQuestion onClose={() => setIsLeaving(false)} />
        </Suspense>
      ) : null}
      <ReachBar />
      <RingingBanner waiting={waiting.data ?? []} />
      <Switch>
        <Route path="/" component={RequestsPage} />
        <Route path="/chats/:conversationId/booking">
          {({ conversationId }) => <BookingPage conversationId={conversationId} chat={`/chats/${conversationId}`} />}
        </Route>
        <Route path="/chats/:conversationId?">
          {({ conversationId }) => <ChatsPage conversationId={conversationId ?? null} base="/chats" />}
        </Route>
        <Route path="/calendar" component={CalendarPage} />
        <Route path="/menu" component={MenuPage} />
        <Route path="/money" component={MoneyPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route component={NotFound} />
      </Switch>
    </Shell>
  );
}
