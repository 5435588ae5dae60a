import { Activity, BarChart3, CalendarCheck2, CircleAlert, CreditCard, Users } from "lucide-react";
import { Route, Switch } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import { useMember, useWords } from "../app/AppContext";
import { LiveProvider } from "../app/LiveContext";
import { NotFound } from "../app/NotFound";
import { lazyPage } from "../app/recovery";
import { Shell } from "../app/Shell";
import { BookingsPage } from "./BookingsPage";
import { LiveChoice, RefreshProvider } from "./refreshing";
import "../styles/admin.css";

const ChatRoom = lazyPage(async () => ({ default: (await import("../chat/ChatRoom")).ChatRoom }));
const HealthPage = lazyPage(() => import("./HealthPage"));
const RevenuePage = lazyPage(() => import("./RevenuePage"));
const PaymentsPage = lazyPage(() => import("./PaymentsPage"));
const ErrorsPage = lazyPage(() => import("./ErrorsPage"));
const TherapistsPage = lazyPage(() => import("./TherapistsPage"));

export default function AdminArea() {
  const member = useMember();
  return (
    <LiveProvider identity={member} connect>
      <RefreshProvider>
        <AdminShell />
      </RefreshProvider>
    </LiveProvider>
  );
}

function AdminShell() {
  const { t } = useWords();
  return (
    <Shell
      waiting={0}
      width="wide"
      tools={<LiveChoice />}
      navigation={[
        { href: "/", label: t("admin.nav.bookings"), icon: <CalendarCheck2 size={20} aria-hidden /> },
        { href: "/health", label: t("admin.nav.health"), shortLabel: t("admin.nav.health.short"), icon: <Activity size={20} aria-hidden /> },
        { href: "/revenue", label: t("admin.nav.revenue"), shortLabel: t("admin.nav.revenue.short"), icon: <BarChart3 size={20} aria-hidden /> },
        { href: "/payments", label: t("admin.nav.payments"), shortLabel: t("admin.nav.payments.short"), icon: <CreditCard size={20} aria-hidden /> },
        { href: "/errors", label: t("admin.nav.errors"), icon: <CircleAlert size={20} aria-hidden /> },
        { href: "/therapists", label: t("admin.nav.therapists"), shortLabel: t("admin.nav.therapists.short"), icon: <Users size={20} aria-hidden /> },
      ]}
    >
      <Switch>
        <Route path="/" component={BookingsPage} />
        <Route path="/chats/:conversationId">
          {({ conversationId }) => <AdminChat key={conversationId} conversationId={conversationId} />}
        </Route>
        <Route path="/health" component={HealthPage} />
        <Route path="/revenue" component={RevenuePage} />
        <Route path="/payments" component={PaymentsPage} />
        <Route path="/errors" component={ErrorsPage} />
        <Route path="/therapists" component={TherapistsPage} />
        <Route component={NotFound} />
      </Switch>
    </Shell>
  );
}

/** A chat, with the way back to where it was opened. */
function AdminChat({ conversationId }: { conversationId: string }) {
  const state = useHistoryState<{ back?: string } | null>();
  return <ChatRoom conversationId={conversationId} back={state?.back ?? "/"} />;
}
