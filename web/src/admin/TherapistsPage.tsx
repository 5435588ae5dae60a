import { Plug, UserPlus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import type { AdminTherapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { Avatar, PresenceBadge } from "../ui/bits";
import { Field } from "../ui/controls";
import { Answer } from "../ui/states";
import { has, useDuties } from "./duties";
import { useAdminTherapists } from "./useAdminTherapists";

export default function TherapistsPage() {
  const words = useWords();
  const { t } = words;
  usePageTitle(t("admin.therapists.title"));
  const therapists = useAdminTherapists();
  const canEdit = has(useDuties(), "operations");
  const [wanted, setWanted] = useState("");
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.therapists.title")}</h1>
        {canEdit ? (
          <Link href="/add-therapist" className="button button-primary button-normal">
            <UserPlus size={18} aria-hidden />
            <span>{t("admin.therapist.add")}</span>
          </Link>
        ) : null}
      </div>
      <Field label={t("admin.therapists.search")} type="search" value={wanted} onChange={setWanted} />
      <Answer query={therapists}>
        {({ items }) => {
          const found = items.filter((therapist) => isMeant(therapist, wanted));
          return found.length === 0 ? (
            <p className="notice">{items.length === 0 ? t("admin.therapists.empty") : t("admin.therapists.noneFound")}</p>
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
                      {t("admin.therapists.missed")}
                    </th>
                    <th scope="col" className="number">
                      {t("admin.therapists.overdue")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {found.map((therapist) => (
                    <tr key={therapist.therapistId}>
                      <th scope="row">
                        <span className="row">
                          <Avatar name={therapist.name} size="small" />
                          <span>
                            {canEdit ? (
                              <Link href={`/therapists/${therapist.therapistId}`} className="cell-main">
                                {therapist.name}
                              </Link>
                            ) : (
                              <span className="cell-main">{therapist.name}</span>
                            )}
                            <span className="cell-more">{t(`type.${therapist.type}`)}</span>
                          </span>
                        </span>
                      </th>
                      <td>
                        {therapist.suspendedAt ? (
                          <span className="badge badge-cancelled">{t("admin.therapists.isSuspended")}</span>
                        ) : (
                          <PresenceBadge status={therapist.status} />
                        )}
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
                      <td className="number">{therapist.missedOffers}</td>
                      <td className={therapist.overdueCommissions > 0 ? "number bad" : "number"}>{therapist.overdueCommissions}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Answer>
    </div>
  );
}

/** Letters without their accents and case. */
const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const isMeant = (therapist: AdminTherapist, wanted: string) => plain(`${therapist.name} ${therapist.therapistId}`).includes(plain(wanted.trim()));
