import { Plug } from "lucide-react";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { Avatar, PresenceBadge } from "../ui/bits";
import { Answer } from "../ui/states";
import { useAdminTherapists } from "./useAdminTherapists";

export default function TherapistsPage() {
  const words = useWords();
  const { t } = words;
  usePageTitle(t("admin.therapists.title"));
  const therapists = useAdminTherapists();
  return (
    <div className="stack">
      <h1>{t("admin.therapists.title")}</h1>
      <Answer query={therapists}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="notice">{t("admin.therapists.empty")}</p>
          ) : (
            <div className="table-frame" tabIndex={0} role="region" aria-label={t("admin.therapists.title")}>
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{t("admin.bookings.therapist")}</th>
                    <th scope="col">{t("admin.therapists.status")}</th>
                    <th scope="col">{t("admin.therapists.lastSeen")}</th>
                    <th scope="col" className="number">
                      {t("admin.therapists.open")}
                    </th>
                    <th scope="col" className="number">
                      {t("admin.therapists.overdue")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((therapist) => (
                    <tr key={therapist.therapistId}>
                      <th scope="row">
                        <span className="row">
                          <Avatar name={therapist.name} size="small" />
                          <span>
                            <span className="cell-main">{therapist.name}</span>
                            <span className="cell-more">{t(`type.${therapist.type}`)}</span>
                          </span>
                        </span>
                      </th>
                      <td>
                        <PresenceBadge status={therapist.status} />
                      </td>
                      <td>
                        {therapist.connected ? (
                          <span className="row row-tight good">
                            <Plug size={16} aria-hidden />
                            {t("admin.therapists.connected")}
                          </span>
                        ) : therapist.lastSeenAt ? (
                          words.dateTime(therapist.lastSeenAt, "Asia/Jakarta")
                        ) : (
                          t("admin.therapists.never")
                        )}
                      </td>
                      <td className="number">{therapist.openBookings}</td>
                      <td className={therapist.overdueCommissions > 0 ? "number bad" : "number"}>{therapist.overdueCommissions}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </div>
  );
}
