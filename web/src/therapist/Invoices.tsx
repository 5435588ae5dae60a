import { useQuery } from "@tanstack/react-query";
import { answer } from "../api/client";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { DownloadButton } from "../ui/DownloadButton";
import { Answer } from "../ui/states";

/** The commission invoices of finished months, to be kept. */
export function Invoices() {
  const words = useWords();
  const { t, money } = words;
  const { api, identity } = useLive();
  const invoices = useQuery({ queryKey: ["money", identity.userId, "invoices"], queryFn: () => answer(api.GET("/me/invoices")) });
  const file = (number: string) =>
    answer(
      api.GET("/me/invoices/{number}", {
        params: { path: { number } },
        headers: { Accept: "application/pdf" },
        parseAs: "blob",
      }),
    );
  return (
    <section className="card stack">
      <h2>{t("desk.money.invoices")}</h2>
      <Answer query={invoices} lines={1}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t("desk.money.invoicesNone")}</p>
          ) : (
            <ul className="lines">
              {items.map((invoice) => (
                <li key={invoice.number}>
                  <span>
                    {invoice.month} <span className="muted small">{invoice.number}</span>
                  </span>
                  <strong>{money(invoice.total)}</strong>
                  <DownloadButton ask={() => file(invoice.number)} name={`${invoice.number}.pdf`}>
                    {t("common.pdf")}
                  </DownloadButton>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </section>
  );
}
