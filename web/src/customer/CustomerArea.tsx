import { useQuery } from "@tanstack/react-query";
import { BellRing, Gauge, MessageCircle, Search } from "lucide-react";
import { Suspense, useState } from "react";
import { Link, Redirect, Route, Switch } from "wouter";
import { useApp, useCustomer, useFarewell, useMember, useWords } from "../app/AppContext";
import { LiveProvider, useLiveOrNull } from "../app/LiveContext";
import { NotFound } from "../app/NotFound";
import { lazyPage } from "../app/recovery";
import { Shell } from "../app/Shell";
import { answer } from "../api/client";
import { unreadIn } from "../chat/unread";
import { LEGAL_PAGES } from "../legal/pages";
import { Button } from "../ui/controls";
import { BookAgain } from "./BookAgain";
import { recallDraft } from "./draft";
import { FindPage } from "./FindPage";
import { TherapistPage } from "./TherapistPage";

const ChatsPage = lazyPage(async () => ({ default: (await import("../chat/ChatsPage")).ChatsPage }));
const BookingPage = lazyPage(async () => ({ default: (await import("../chat/BookingPage")).BookingPage }));
const LegalPages = lazyPage(() => import("../legal/LegalPages"));
// Nobody who only looks around has a booking.
const LiveBanner = lazyPage(() => import("./LiveBanner"));

const MyDataPage = lazyPage(() => import("./MyDataPage"));

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
  const unread = unreadIn(rooms.data?.items ?? []);
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
      <SessionEnded />
      {live ? (
        <Suspense fallback={null}>
          <LiveBanner />
        </Suspense>
      ) : null}
      <Switch>
        <Route path="/" component={FindPage} />
        <Route path="/t/:therapistId">{({ therapistId }) => <TherapistPage therapistId={therapistId} />}</Route>
        <Route path="/chats/:conversationId/booking">
          {({ conversationId }) => <BookingPlace conversationId={conversationId} />}
        </Route>
        <Route path="/chats/:conversationId?">
          {({ conversationId }) => (
            <ChatsPage
              conversationId={conversationId ?? null}
              base="/chats"
              bookAgain={bookAgainAt(`/chats/${conversationId}`)}
            />
          )}
        </Route>
        {LEGAL_PAGES.map((page) => (
          <Route key={page} path={`/${page}`}>
            <LegalPages page={page} />
          </Route>
        ))}
        <Route path="/my-data" component={MyDataPage} />
        <Route component={NotFound} />
      </Switch>
    </Shell>
  );
}

/** A booking's page, for who has it on this device. */
function BookingPlace({ conversationId }: { conversationId: string }) {
  const chat = `/chats/${conversationId}`;
  if (!useLiveOrNull()) return <Redirect to={chat} replace />;
  return <BookingPage conversationId={conversationId} chat={chat} bookAgain={bookAgainAt(`${chat}/booking`)} />;
}

/** What opens the booking form anew on a page, also after a reload that interrupted it. */
const bookAgainAt = (page: string) => ({
  sheet: (therapistId: string, onClose: () => void) => <BookAgain therapistId={therapistId} onClose={onClose} />,
  isOpen: () => recallDraft(page) !== null,
});

/** Says what became of a session that ended by itself, and leads on. */
function SessionEnded() {
  const { identities, words } = useApp();
  const { t } = words;
  const farewell = useFarewell();
  if (!farewell) return null;
  const isMember = farewell.kind === "member";
  return (
    <div className="notice session-ended" role="status">
      <p>{isMember ? t("app.customerEnded") : t(farewell.why === "expired" ? "app.guestExpired" : "app.guestRefused")}</p>
      <div className="row">
        {isMember ? (
          <Link href="~/sign-in" className="button button-primary button-small">
            {t("app.nav.signIn")}
          </Link>
        ) : (
          <Link href="/" className="button button-primary button-small" onClick={() => identities.dismissFarewell()}>
            {t("app.nav.find")}
          </Link>
        )}
        <Button size="small" look="quiet" onPress={() => identities.dismissFarewell()}>
          {t("common.close")}
        </Button>
      </div>
    </div>
  );
}
