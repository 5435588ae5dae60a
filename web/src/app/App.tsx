import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { problemOf } from "../api/problem";
import { Button } from "../ui/controls";
import { Loading } from "../ui/states";
import { Toasts } from "../ui/toasts";
import { preferredLanguage, wordsIn } from "../i18n/text";
import { AppProvider, useWords } from "./AppContext";
import { loadConfiguration } from "./configuration";
import { RoleGate } from "./SignIn";

const CustomerArea = lazy(() => import("../customer/CustomerArea"));
const TherapistArea = lazy(() => import("../therapist/TherapistArea"));
const AdminArea = lazy(() => import("../admin/AdminArea"));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server has judged stays judged; what did not arrive is worth another try.
      retry: (count, failure) => problemOf(failure).isPassing && count < 2,
      retryDelay: (count) => 600 * 2 ** count,
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Configured />
    </QueryClientProvider>
  );
}

function Configured() {
  const configuration = useQuery({ queryKey: ["configuration"], queryFn: loadConfiguration, staleTime: Infinity });
  if (configuration.isError) {
    const { t } = wordsIn(preferredLanguage());
    return (
      <main className="page">
        <div className="empty" role="alert">
          <p className="empty-title">{t("app.startFailed")}</p>
          <Button look="primary" onPress={() => void configuration.refetch()}>
            {t("common.tryAgain")}
          </Button>
        </div>
      </main>
    );
  }
  if (!configuration.data) return null;
  return (
    <AppProvider configuration={configuration.data}>
      <Areas />
    </AppProvider>
  );
}

function Areas() {
  const { t } = useWords();
  return (
    <>
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      <Suspense fallback={<main className="page"><Loading /></main>}>
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
