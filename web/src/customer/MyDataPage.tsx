import { useMutation } from "@tanstack/react-query";
import { Download, LogOut, Trash2 } from "lucide-react";
import { useState } from "react";
import { answer } from "../api/client";
import { useApp, useProblemToast, useWords } from "../app/AppContext";
import { useLiveOrNull, type Live } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Button } from "../ui/controls";
import { Question } from "../ui/Sheet";
import { Empty } from "../ui/states";
import { toast } from "../ui/toasts";
import { CONSENT_VERSION, Purposes } from "./Purposes";

/** Everything that is known of a customer: what for, a copy of it, and how it is forgotten. */
export default function MyDataPage() {
  const { t } = useWords();
  const live = useLiveOrNull();
  usePageTitle(t("data.title"));
  return (
    <article className="stack">
      <h1>{t("data.title")}</h1>
      <section className="card stack">
        <h2>{t("data.purposes")}</h2>
        <Purposes />
        <p className="muted small">{t("data.version", { version: CONSENT_VERSION })}</p>
      </section>
      {live ? <Copies live={live} /> : <Empty title={t("data.nobody")} text={t("data.nobody.text")} />}
    </article>
  );
}

function Copies({ live }: { live: Live }) {
  const { t } = useWords();
  const { identities } = useApp();
  const sayProblem = useProblemToast();
  const [isAsking, setIsAsking] = useState<"erase" | "signOut" | null>(null);
  const copy = useMutation({
    mutationFn: async () => {
      const everything: unknown[] = [];
      let cursor: string | null = null;
      do {
        const query: { cursor?: string } = cursor ? { cursor } : {};
        const page: { items: unknown[]; nextCursor: string | null } = await answer(live.api.GET("/privacy/export", { params: { query } }));
        everything.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor);
      save(JSON.stringify(everything, null, 2), "my-data.json");
      return everything.length;
    },
    onSuccess: (count) => toast(t("data.copied", { count }), "good"),
    onError: sayProblem,
  });
  const erase = useMutation({
    mutationFn: () => answer(live.api.POST("/privacy/erase", { body: { confirm: true } })),
    onSuccess: () => {
      toast(t("data.erased"), "good");
      identities.forget(live.identity);
    },
    onError: sayProblem,
    onSettled: () => setIsAsking(null),
  });
  const signOut = useMutation({
    mutationFn: () => answer(live.api.POST("/sign-out-everywhere")),
    onSuccess: () => identities.forget(live.identity),
    onError: sayProblem,
    onSettled: () => setIsAsking(null),
  });
  return (
    <>
      <section className="card stack">
        <h2>{t("data.copy")}</h2>
        <p>{t("data.copy.text")}</p>
        <div className="row">
          <Button icon={<Download size={18} aria-hidden />} busy={copy.isPending} onPress={() => copy.mutate()}>
            {t("data.copy.get")}
          </Button>
        </div>
      </section>
      <section className="card stack">
        <h2>{t("data.signOut")}</h2>
        <p>{t("data.signOut.text")}</p>
        <div className="row">
          <Button icon={<LogOut size={18} aria-hidden />} onPress={() => setIsAsking("signOut")}>
            {t("data.signOut")}
          </Button>
        </div>
      </section>
      <section className="card stack">
        <h2>{t("data.erase")}</h2>
        <p>{t("data.erase.text")}</p>
        <div className="row">
          <Button look="danger" icon={<Trash2 size={18} aria-hidden />} onPress={() => setIsAsking("erase")}>
            {t("data.erase")}
          </Button>
        </div>
      </section>
      {isAsking === "erase" ? (
        <Question
          title={t("data.erase.title")}
          text={t("data.erase.sure")}
          confirm={t("data.erase")}
          look="danger"
          busy={erase.isPending}
          onConfirm={() => erase.mutate()}
          onClose={() => setIsAsking(null)}
        />
      ) : null}
      {isAsking === "signOut" ? (
        <Question
          title={t("data.signOut")}
          text={t("data.signOut.sure")}
          confirm={t("data.signOut")}
          look="danger"
          busy={signOut.isPending}
          onConfirm={() => signOut.mutate()}
          onClose={() => setIsAsking(null)}
        />
      ) : null}
    </>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
