import { MutationCache, QueryCache, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { navigate } from "wouter/use-browser-location";
import { problemOf } from "../api/problem";
import { Button } from "../ui/controls";
import { Loading } from "../ui/states";
import { Toasts } from "../ui/toasts";
import { loadWords, wordsIn, type AreaOfWords } from "../i18n/text";
import { AppProvider, keptLanguage, useWords } from "./AppContext";
import { loadConfiguration } from "./configuration";
import { restrictConnections } from "./connections";
import { lazyPage, Recovery, withPatience } from "./recovery";
import { RoleGate } from "./SignIn";

const CustomerArea = lazyPage(() => inWords("customer", import("../customer/CustomerArea")));
const TherapistArea = lazyPage(() => inWords("desk", import("../therapist/TherapistArea")));
const AdminArea = lazyPage(() => inWords("admin", import("../admin/AdminArea")));

const GoToBooking = lazyPage(() => import("./GoToBooking"));
const SharedVisitPage = lazyPage(() => import("./SharedVisitPage"));
const SecurityPage = lazyPage(() => import("./SecurityPage"));

/** An area together with what it says. */
async function inWords<Area>(area: AreaOfWords, coming: Promise<Area>): Promise<Area> {
  const [found] = await Promise.all([coming, loadWords(keptLanguage(), area)]);
  return found;
}

const SECURITY = "/security";

/** Where staff need a second step they are led to where it is set up. */
function leadToSecondStep(failure: unknown): void {
  if (problemOf(failure).code === "mfa_required" && location.pathname !== SECURITY) navigate(`${SECURITY}?required`);
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: leadToSecondStep }),
  mutationCache: new MutationCache({ onError: leadToSecondStep }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server has judged stays judged; what did not arrive is worth another try.
      retry: (count, failure) => problemOf(failure).isPassing && count < 2,
      // What failed for want of a network is asked again as soon as there is one.
      networkMode: "always",
      refetchOnReconnect: "always",
      retryDelay: (count) => 600 * 2 ** count,
    },
    // A step that finds no network says so; it does not wait and happen later, when nobody wants it any more.
    mutations: { networkMode: "always" },
  },
});

export function App() {
  return (
    <Recovery fallback={(again) => <StartFailed again={again} />}>
      <QueryClientProvider client={queries}>
        <Configured />
      </QueryClientProvider>
    </Recovery>
  );
}

function Configured() {
  const configuration = useQuery({
    queryKey: ["configuration"],
    queryFn: async () => {
      const [found] = await Promise.all([loadConfiguration(), withPatience(() => loadWords(keptLanguage()))]);
      restrictConnections(found);
      return found;
    },
    staleTime: Infinity,
    // Nothing works without it, so it is asked for until it comes.
    refetchInterval: ({ state }) => (state.status === "error" ? 5_000 : false),
  });
  if (configuration.isError) {
    return <StartFailed again={() => void configuration.refetch()} />;
  }
  if (!configuration.data) return null;
  return (
    <AppProvider configuration={configuration.data}>
      <Areas />
    </AppProvider>
  );
}

/** Stands in for everything; it asks for nothing that may not have loaded. */
function StartFailed({ again }: { again(): void }) {
  const { t } = wordsIn(keptLanguage());
  return (
    <main className="page">
      <div className="empty" role="alert">
        <h1 className="empty-title">{t("app.startFailed")}</h1>
        <Button look="primary" onPress={again}>
          {t("common.tryAgain")}
        </Button>
      </div>
    </main>
  );
}

function Areas() {
  const { t } = useWords();
  return (
    <>
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      <Suspense
        fallback={
          <main className="page">
            <Loading />
          </main>
        }
      >
        <Switch>
          <Route path="/desk" nest>
            <RoleGate role="therapist">
              <TherapistArea />
            </RoleGate>
          </Route>
          <Route path="/admin" nest>
            <RoleGate role="admin">
              <AdminArea />
            </RoleGate>
          </Route>
          <Route path="/visit/:token">{({ token }) => <SharedVisitPage token={token} />}</Route>
          <Route path="/go/:bookingId">{({ bookingId }) => <GoToBooking bookingId={bookingId} />}</Route>
          <Route path={SECURITY}>
            <RoleGate role="any">
              <SecurityPage />
            </RoleGate>
          </Route>
          <Route path="/sign-in">
            <RoleGate role={null}>
              <Redirect to="/" />
            </RoleGate>
          </Route>
          <Route>
            <CustomerArea />
          </Route>
        </Switch>
      </Suspense>
      <Toasts closeLabel={t("common.close")} />
    </>
  );
}
