import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { components } from "../api/generated/rest";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { serverNow } from "../app/serverClock";
import { Definition } from "../ui/bits";
import { Button, Choice, Field } from "../ui/controls";
import { plainLines } from "../ui/plainText";
import { Sheet } from "../ui/Sheet";
import { Answer, Empty } from "../ui/states";
import { has, useDuties } from "./duties";

type Report = components["schemas"]["Report"];
type Action = NonNullable<Report["action"]>;

/** Reports in the order of their coming: who looks after one, and what came of it; and whose messages were masked. */
export default function ReportsPage() {
  const { t } = useWords();
  const { api } = useLive();
  const [status, setStatus] = useState<Report["status"]>("open");
  usePageTitle(t("reports.title"));
  const reports = useQuery({
    queryKey: ["admin", "reports", status],
    queryFn: () => answer(api.GET("/admin/reports", { params: { query: { status } } })),
    refetchInterval: 30_000,
  });
  return (
    <div className="stack">
      <h1>{t("reports.title")}</h1>
      <Choice<Report["status"]>
        label={t("reports.show")}
        value={status}
        onChange={setStatus}
        options={(["open", "claimed", "resolved"] as const).map((value) => ({ value, label: t(`reports.status.${value}`) }))}
      />
      <Answer query={reports}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title={t("reports.none")} text={t("reports.none.text")} />
          ) : (
            <ul className="stack plain-list">
              {page.items.map((report) => (
                <li key={report.reportId}>
                  <ReportCard report={report} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <MaskedSenders />
    </div>
  );
}

function ReportCard({ report }: { report: Report }) {
  const { t, dateTime } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [isResolving, setIsResolving] = useState(false);
  const claim = useMutation({
    mutationFn: () => answer(api.POST("/admin/reports/{reportId}/claim", { params: { path: { reportId: report.reportId } } })),
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin", "reports"] }),
  });
  const isLate = report.status !== "resolved" && Date.parse(report.dueAt) < serverNow();
  return (
    <article className="card stack" data-report={report.reportId}>
      <header className="row">
        <strong>{report.reason}</strong>
        <span className={isLate ? "notice notice-bad small" : "muted small"}>{t("reports.due", { when: dateTime(report.dueAt) })}</span>
      </header>
      {report.text ? <p className="lines-kept">{report.text}</p> : null}
      <dl className="definitions">
        <Definition term={t("reports.by")}>
          {t(`role.${report.reporterRole}`)} · {dateTime(report.createdAt)}
        </Definition>
        <Definition term={t("reports.about")}>{t(`role.${report.concernsRole}`)}</Definition>
        {report.claimedBy ? <Definition term={t("reports.claimedBy")}>{report.claimedBy}</Definition> : null}
        {report.action ? (
          <Definition term={t("reports.outcome")}>
            {t(`reports.action.${report.action}`)}
            {report.note ? `: ${report.note}` : ""}
          </Definition>
        ) : null}
      </dl>
      <div className="row">
        <Link href={`/chats/${report.conversationId}`} className="button button-secondary button-small">
          {report.sequence ? t("reports.message", { number: report.sequence }) : t("desk.requests.openChat")}
        </Link>
        {report.status === "open" ? (
          <Button size="small" busy={claim.isPending} onPress={() => claim.mutate()}>
            {t("reports.claim")}
          </Button>
        ) : null}
        {report.status === "resolved" ? null : (
          <Button size="small" look="primary" onPress={() => setIsResolving(true)}>
            {t("reports.resolve")}
          </Button>
        )}
      </div>
      {isResolving ? <ResolveSheet report={report} onClose={() => setIsResolving(false)} /> : null}
    </article>
  );
}

function ResolveSheet({ report, onClose }: { report: Report; onClose(): void }) {
  const { t } = useWords();
  const { api } = useLive();
  const duties = useDuties();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [action, setAction] = useState<Action>("none");
  const [note, setNote] = useState("");
  const possible: Action[] = ["none", "warn"];
  if (report.sequence !== null) possible.push("hide");
  if (report.concernsRole === "therapist" && has(duties, "operations")) possible.push("suspend");
  const said = plainLines(note);
  const resolve = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/admin/reports/{reportId}/resolve", {
          params: { path: { reportId: report.reportId } },
          body: { action, note: said },
        }),
      ),
    onSuccess: onClose,
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin", "reports"] }),
  });
  return (
    <Sheet title={t("reports.resolve")} onClose={onClose}>
      <div className="stack">
        <Choice<Action>
          label={t("reports.outcome")}
          value={action}
          onChange={setAction}
          options={possible.map((value) => ({ value, label: t(`reports.action.${value}`) }))}
        />
        <Field label={t("reports.note")} rows={3} maxLength={1000} required value={note} onChange={setNote} />
        <p className="muted small">{t("reports.told")}</p>
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look={action === "suspend" ? "danger" : "primary"} isDisabled={!said} busy={resolve.isPending} onPress={() => resolve.mutate()}>
            {t("reports.resolve")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}

/** Who tried to hand over contact details this month, and how often a chat. */
function MaskedSenders() {
  const { t, dateTime } = useWords();
  const { api } = useLive();
  const senders = useQuery({
    queryKey: ["admin", "masked"],
    queryFn: () => answer(api.GET("/admin/masked-messages")),
  });
  return (
    <section className="card stack">
      <h2>{t("masked.title")}</h2>
      <Answer query={senders}>
        {(page) =>
          page.items.length === 0 ? (
            <p className="muted">{t("masked.none")}</p>
          ) : (
            <div className="table-scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{t("masked.who")}</th>
                    <th scope="col">{t("masked.messages")}</th>
                    <th scope="col">{t("masked.perRoom")}</th>
                    <th scope="col">{t("masked.last")}</th>
                  </tr>
                </thead>
                <tbody>
                  {[...page.items]
                    .sort((one, other) => other.masked - one.masked)
                    .map((sender) => (
                      <tr key={`${sender.role} ${sender.userId}`}>
                        <td>
                          {t(`role.${sender.role}`)} {sender.userId}
                        </td>
                        <td>{sender.masked}</td>
                        <td>{sender.perRoom}</td>
                        <td>{dateTime(sender.lastAt)}</td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </section>
  );
}
