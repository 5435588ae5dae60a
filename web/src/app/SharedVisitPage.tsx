import { useQuery } from "@tanstack/react-query";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import { Definition } from "../ui/bits";
import { Answer, Empty } from "../ui/states";
import { useApp, useWords } from "./AppContext";
import { usePageTitle } from "./pageTitle";

/** What a friend sees of a visit, by the link of one of its parties, until it is over. */
export default function SharedVisitPage({ token }: { token: string }) {
  const { publicApi } = useApp();
  const { t, dateTime, time } = useWords();
  usePageTitle(t("shared.title"));
  const visit = useQuery({
    queryKey: ["shared-visit", token],
    queryFn: () => answer(publicApi.GET("/shared-visits/{token}", { params: { path: { token } } })),
    refetchInterval: 30_000,
  });
  const isOver = visit.isError && problemOf(visit.error).code === "not_found";
  return (
    <main id="content" className="page page-narrow">
      <h1>{t("shared.title")}</h1>
      {isOver ? (
        <Empty title={t("shared.over")} text={t("shared.over.text")} />
      ) : (
        <Answer query={visit}>
          {(shown) => (
            <section className="card stack">
              <p className="shared-step" role="status">
                {t(shown.visitStep ? `visit.step.${shown.visitStep}` : "shared.notBegun")}
              </p>
              <dl className="definitions">
                <Definition term={t("role.therapist")}>{shown.therapistName}</Definition>
                {shown.beginsAt ? (
                  <Definition term={t("chat.when")}>
                    {dateTime(shown.beginsAt, shown.timeZone)}
                    {shown.endsAt ? ` – ${time(shown.endsAt, shown.timeZone)}` : ""}
                  </Definition>
                ) : null}
                <Definition term={t("book.duration")}>{t("common.minutes", { count: shown.duration })}</Definition>
              </dl>
              <p className="muted small">{t("shared.text")}</p>
            </section>
          )}
        </Answer>
      )}
    </main>
  );
}
