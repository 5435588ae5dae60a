import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ClipboardCheck } from "lucide-react";
import { answer } from "../api/client";
import type { Audit } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Button } from "../ui/controls";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { BookingLink } from "./BookingLink";

/** What past audits of the commissions found, and a button for another one. */
export function Audits() {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const audits = useQuery({ queryKey: ["admin", "audits"], queryFn: () => answer(api.GET("/admin/audits")) });
  const run = useMutation({
    mutationFn: (full: boolean) =>
      answer(api.POST("/admin/audits", { body: { full }, params: { header: { "Idempotency-Key": crypto.randomUUID() } } })),
    onSuccess: (audit) => toast(t("admin.revenue.auditDone", { count: audit.auditedBookings }), "good"),
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  return (
    <section className="card stack">
      <div className="row row-between">
        <h2>{t("admin.revenue.audits")}</h2>
        <div className="row">
          <Button icon={<ClipboardCheck size={18} aria-hidden />} busy={run.isPending && !run.variables} onPress={() => run.mutate(false)}>
            {t("admin.revenue.audit")}
          </Button>
          <Button look="quiet" busy={run.isPending && run.variables} onPress={() => run.mutate(true)}>
            {t("admin.revenue.auditFull")}
          </Button>
        </div>
      </div>
      <Answer query={audits} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t("admin.revenue.auditsEmpty")}</p>
          ) : (
            <div className="table-frame" tabIndex={0} role="region" aria-label={t("admin.revenue.audits")}>
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{t("admin.revenue.audit.at")}</th>
                    <th scope="col">{t("admin.revenue.audit.kind")}</th>
                    <th scope="col" className="number">
                      {t("admin.revenue.audit.bookings")}
                    </th>
                    <th scope="col">{t("admin.revenue.audit.findings")}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((audit) => (
                    <AuditRow key={audit.auditId} audit={audit} />
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

function AuditRow({ audit }: { audit: Audit }) {
  const words = useWords();
  const { t } = words;
  const findings = [...audit.missing, ...audit.wrongAmount, ...audit.orphaned];
  return (
    <tr>
      <th scope="row">{words.dateTime(audit.startedAt, "Asia/Jakarta")}</th>
      <td>{audit.full ? t("admin.revenue.audit.full") : t("admin.revenue.audit.incremental")}</td>
      <td className="number">{audit.auditedBookings}</td>
      <td className={findings.length > 0 ? "bad" : "good"}>
        {findings.length === 0
          ? t("admin.revenue.audit.clean")
          : t("admin.revenue.audit.found", {
              missing: audit.missing.length,
              wrong: audit.wrongAmount.length,
              orphaned: audit.orphaned.length,
            })}
        {findings.map((bookingId) => (
          <span key={bookingId} className="cell-more">
            <BookingLink bookingId={bookingId} />
          </span>
        ))}
      </td>
    </tr>
  );
}
