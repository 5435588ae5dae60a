import { Activity, BarChart3, BookOpenText, CalendarCheck2, CircleAlert, CreditCard, FileBadge, Flag, Hotel, IdCard, Scale, Send, TicketPercent, Users, Webhook } from "lucide-react";
import type { ReactNode } from "react";
import { Redirect, Route, Switch } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import { useMember, useWords } from "../app/AppContext";
import { LiveProvider } from "../app/LiveContext";
import { NotFound } from "../app/NotFound";
import { lazyPage } from "../app/recovery";
import type { Duty } from "../api/types";
import { Shell } from "../app/Shell";
import { Empty, Loading } from "../ui/states";
import { has, useDuties } from "./duties";
import { LiveChoice, RefreshProvider } from "./refreshing";
import { SosBanner } from "./SosBanner";
import { useAttention, type Concern } from "./useAttention";
import "../styles/admin.css";

const ChatRoom = lazyPage(async () => ({ default: (await import("../chat/ChatRoom")).ChatRoom }));
const BookingsPage = lazyPage(async () => ({ default: (await import("./BookingsPage")).BookingsPage }));
const ReportsPage = lazyPage(() => import("./ReportsPage"));
const HealthPage = lazyPage(() => import("./HealthPage"));
const RevenuePage = lazyPage(() => import("./RevenuePage"));
const PaymentsPage = lazyPage(() => import("./PaymentsPage"));
const LedgerPage = lazyPage(() => import("./LedgerPage"));
const ErrorsPage = lazyPage(() => import("./ErrorsPage"));
const TherapistsPage = lazyPage(() => import("./TherapistsPage"));
const NewTherapistPage = lazyPage(async () => ({ default: (await import("./TherapistEditor")).NewTherapistPage }));
const TherapistEditor = lazyPage(async () => ({ default: (await import("./TherapistEditor")).TherapistEditor }));
const PapersPage = lazyPage(() => import("./PapersPage"));
const HotelsPage = lazyPage(() => import("./HotelsPage"));
const DiscountsPage = lazyPage(() => import("./DiscountsPage"));
const StaffPage = lazyPage(() => import("./StaffPage"));
const PoliciesPage = lazyPage(() => import("./PoliciesPage"));
const PolicyTrialPage = lazyPage(() => import("./PolicyTrialPage"));
const DeliveriesPage = lazyPage(() => import("./DeliveriesPage"));
const WebhooksPage = lazyPage(() => import("./WebhooksPage"));

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

/** Every page with the duties that it is for, in the order of the navigation. */
const PAGES = [
  { href: "/", label: "admin.nav.bookings", icon: <CalendarCheck2 size={20} aria-hidden />, for: ["operations", "support"] },
  { href: "/reports", label: "admin.nav.reports", icon: <Flag size={20} aria-hidden />, for: ["operations", "support"] },
  { href: "/health", label: "admin.nav.health", short: "admin.nav.health.short", icon: <Activity size={20} aria-hidden />, for: ["operations"] },
  { href: "/revenue", label: "admin.nav.revenue", short: "admin.nav.revenue.short", icon: <BarChart3 size={20} aria-hidden />, for: ["finance"] },
  { href: "/payments", label: "admin.nav.payments", short: "admin.nav.payments.short", icon: <CreditCard size={20} aria-hidden />, for: ["finance"] },
  { href: "/ledger", label: "admin.nav.ledger", icon: <BookOpenText size={20} aria-hidden />, for: ["finance"] },
  { href: "/errors", label: "admin.nav.errors", icon: <CircleAlert size={20} aria-hidden />, for: ["operations"] },
  { href: "/therapists", label: "admin.nav.therapists", short: "admin.nav.therapists.short", icon: <Users size={20} aria-hidden />, for: ["operations", "support"] },
  { href: "/papers", label: "admin.nav.papers", icon: <FileBadge size={20} aria-hidden />, for: ["operations"] },
  { href: "/hotels", label: "admin.nav.hotels", icon: <Hotel size={20} aria-hidden />, for: ["operations"] },
  { href: "/discounts", label: "admin.nav.discounts", icon: <TicketPercent size={20} aria-hidden />, for: ["operations"] },
  { href: "/deliveries", label: "admin.nav.deliveries", icon: <Send size={20} aria-hidden />, for: ["operations", "support"] },
  { href: "/webhooks", label: "admin.nav.webhooks", icon: <Webhook size={20} aria-hidden />, for: ["operations"] },
  { href: "/staff", label: "admin.nav.staff", icon: <IdCard size={20} aria-hidden />, for: ["owner"] },
  { href: "/policies", label: "admin.nav.policies", icon: <Scale size={20} aria-hidden />, for: ["finance"] },
] as const satisfies readonly { href: string; label: string; short?: string; icon: ReactNode; for: readonly Duty[] }[];

/** What is counted beside each page. */
const CONCERNS_OF: Record<string, readonly Concern[]> = {
  "/": ["offers", "unanswered"],
  "/reports": ["reports"],
  "/health": ["checks"],
  "/payments": ["proofs", "disputes"],
  "/papers": ["papers"],
  "/deliveries": ["deliveries"],
};

function AdminShell() {
  const { t } = useWords();
  const duties = useDuties();
  const pages = PAGES.filter((page) => has(duties, ...page.for));
  const { counts } = useAttention();
  const countOf = (href: string) => {
    const count = (CONCERNS_OF[href] ?? []).reduce((sum, concern) => sum + (counts[concern]?.count ?? 0), 0);
    return { count, countLabel: t("admin.attention.waiting", { count }) };
  };
  return (
    <Shell
      waiting={0}
      width="wide"
      tools={<LiveChoice />}
      navigation={pages.map((page) => ({
        ...countOf(page.href),
        href: page.href,
        label: t(page.label),
        icon: page.icon,
        ...("short" in page ? { shortLabel: t(page.short) } : {}),
      }))}
    >
      <SosBanner />
      <Switch>
        <Route path="/">
          {duties === undefined ? (
            <Loading lines={6} />
          ) : has(duties, "operations", "support") ? (
            <BookingsPage />
          ) : pages[0] ? (
            <Redirect to={pages[0].href} replace />
          ) : (
            <Empty title={t("admin.noDuty.title")} text={t("admin.noDuty.text")} />
          )}
        </Route>
        <Route path="/chats/:conversationId">
          {({ conversationId }) => <AdminChat key={conversationId} conversationId={conversationId} />}
        </Route>
        <Route path="/reports" component={ReportsPage} />
        <Route path="/health" component={HealthPage} />
        <Route path="/revenue" component={RevenuePage} />
        <Route path="/payments" component={PaymentsPage} />
        <Route path="/ledger" component={LedgerPage} />
        <Route path="/errors" component={ErrorsPage} />
        <Route path="/therapists" component={TherapistsPage} />
        <Route path="/therapists/:therapistId">
          {({ therapistId }) => <TherapistEditor key={therapistId} therapistId={therapistId} />}
        </Route>
        <Route path="/add-therapist" component={NewTherapistPage} />
        <Route path="/papers" component={PapersPage} />
        <Route path="/hotels" component={HotelsPage} />
        <Route path="/discounts" component={DiscountsPage} />
        <Route path="/deliveries" component={DeliveriesPage} />
        <Route path="/webhooks" component={WebhooksPage} />
        <Route path="/staff" component={StaffPage} />
        <Route path="/policies">
          {duties === undefined ? <Loading lines={6} /> : has(duties) ? <PoliciesPage /> : <PolicyTrialPage />}
        </Route>
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
