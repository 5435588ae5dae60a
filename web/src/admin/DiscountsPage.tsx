import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { allItems, answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { DiscountCode } from "../api/types";
import { problemText, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Button, Choice, DateField, Field, Switch } from "../ui/controls";
import { Sheet } from "../ui/Sheet";
import { Answer, Empty } from "../ui/states";
import { toast } from "../ui/toasts";
import { basisPoints, percentOf, wholeNumber } from "./policyFields";

/** Codes that take something off the price. */
export default function DiscountsPage() {
  const words = useWords();
  const { t, money } = words;
  const { api } = useLive();
  usePageTitle(t("admin.discounts.title"));
  const [editing, setEditing] = useState<DiscountCode | "new" | null>(null);
  const codes = useQuery({
    queryKey: ["admin", "discounts"],
    queryFn: () => allItems((cursor) => answer(api.GET("/admin/discount-codes", { params: { query: cursor ? { cursor } : {} } }))),
  });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.discounts.title")}</h1>
        <Button look="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setEditing("new")}>
          {t("admin.discounts.add")}
        </Button>
      </div>
      <Answer query={codes}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("admin.discounts.empty")} />
          ) : (
            <ul className="people">
              {items.map((code) => (
                <li key={code.discountCode} className={code.active ? "card person" : "card person person-away"} data-code={code.discountCode}>
                  <div className="person-text">
                    <strong>
                      {code.discountCode} · {code.kind === "share" ? words.percent(code.value / 10_000) : money(code.value)}
                    </strong>
                    <span className="muted small">
                      {t("admin.discounts.used", { used: String(code.used), most: code.maxUses === null ? "∞" : String(code.maxUses) })} ·{" "}
                      {t(`admin.discounts.by.${code.fundedBy}`)}
                      {code.validUntil ? ` · ${t("admin.discounts.until", { date: words.date(code.validUntil, "Asia/Jakarta") })}` : ""}
                    </span>
                    {code.active ? null : (
                      <span>
                        <span className="badge badge-cancelled">{t("admin.discounts.retired")}</span>
                      </span>
                    )}
                  </div>
                  <Button size="small" aria-label={t("admin.staff.editOf", { name: code.discountCode })} onPress={() => setEditing(code)}>
                    {t("common.edit")}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {editing ? <DiscountSheet code={editing === "new" ? null : editing} onClose={() => setEditing(null)} /> : null}
    </div>
  );
}

const NAME = /^[0-9A-Za-z][0-9A-Za-z_-]{1,63}$/;
const MOST_USES = 1_000_000;

/** A day of Jakarta as the instant of its beginning or, exclusive, its end. */
const beginningOf = (day: string) => new Date(`${day}T00:00:00+07:00`).toISOString();
const endOf = (day: string) => new Date(Date.parse(`${day}T00:00:00+07:00`) + 24 * 60 * 60_000).toISOString();
const dayOf = (instant: string | null | undefined, shift = 0) =>
  instant ? new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Jakarta" }).format(new Date(Date.parse(instant) + shift)) : "";

function DiscountSheet({ code, onClose }: { code: DiscountCode | null; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<DiscountCode["kind"]>(code?.kind ?? "share");
  const [value, setValue] = useState(code ? (code.kind === "share" ? percentOf(code.value) : String(code.value)) : "");
  const [uses, setUses] = useState(String(code?.maxUses ?? ""));
  const [each, setEach] = useState(String(code?.maxUsesPerCustomer ?? ""));
  const [from, setFrom] = useState(dayOf(code?.validFrom));
  const [until, setUntil] = useState(dayOf(code?.validUntil, -1));
  const [fundedBy, setFundedBy] = useState<DiscountCode["fundedBy"]>(code?.fundedBy ?? "therapist");
  const [active, setActive] = useState(code?.active ?? true);
  const [tried, setTried] = useState(false);
  const isFixed = code !== null && code.used > 0;
  const amount = kind === "share" ? basisPoints(value) : wholeNumber(value, 1, 100_000_000);
  const bound = (text: string) => (text.trim() === "" ? null : wholeNumber(text, 1, MOST_USES));
  const wrong = {
    name: code || NAME.test(name.trim()) ? null : t("admin.discounts.badName"),
    value: amount ? null : t("book.invalid.other"),
    uses: uses.trim() !== "" && bound(uses) === null ? t("book.invalid.other") : null,
    each: each.trim() !== "" && bound(each) === null ? t("book.invalid.other") : null,
    until: from && until && until < from ? t("admin.period.backwards") : null,
  };
  const save = useMutation({
    mutationFn: () => {
      const validFrom = from ? beginningOf(from) : null;
      const validUntil = until ? endOf(until) : null;
      const bounds = { maxUses: bound(uses), maxUsesPerCustomer: bound(each), validFrom, validUntil };
      if (code) {
        const body = { ...bounds, fundedBy, active, ...(isFixed ? {} : { kind, value: amount ?? 1 }) };
        return answer(api.PATCH("/admin/discount-codes/{discountCode}", { params: { path: { discountCode: code.discountCode } }, body }));
      }
      const given = Object.fromEntries(Object.entries(bounds).filter(([, limit]) => limit !== null));
      return answer(api.POST("/admin/discount-codes", { body: { discountCode: name.trim(), kind, value: amount ?? 1, fundedBy, ...given } }));
    },
    onSuccess: () => {
      toast(t("common.saved"), "good");
      void queries.invalidateQueries({ queryKey: ["admin", "discounts"] });
      onClose();
    },
  });
  const isTaken = save.isError && problemOf(save.error).code === "already_exists";
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.values(wrong).every((problem) => problem === null)) save.mutate();
  }
  return (
    <Sheet title={code?.discountCode ?? t("admin.discounts.add")} onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        {code ? null : (
          <Field
            label={t("admin.discounts.code")}
            autoCapitalize="characters"
            maxLength={64}
            value={name}
            onChange={setName}
            problem={isTaken ? t("problem.already_exists") : tried ? wrong.name : null}
          />
        )}
        {isFixed ? (
          <p className="notice">{t("admin.discounts.fixed")}</p>
        ) : (
          <>
            <Choice<DiscountCode["kind"]>
              label={t("admin.discounts.kind")}
              value={kind}
              onChange={setKind}
              options={[
                { value: "share", label: t("admin.discounts.share") },
                { value: "amount", label: t("admin.discounts.amount") },
              ]}
            />
            <Field
              label={kind === "share" ? t("admin.discounts.percent") : t("admin.discounts.rupiah")}
              inputMode="numeric"
              value={value}
              onChange={setValue}
              problem={tried ? wrong.value : null}
            />
          </>
        )}
        <div className="form-grid">
          <Field label={t("admin.discounts.maxUses")} hint={t("admin.discounts.noBound")} inputMode="numeric" value={uses} onChange={setUses} problem={tried ? wrong.uses : null} />
          <Field label={t("admin.discounts.maxEach")} hint={t("admin.discounts.noBound")} inputMode="numeric" value={each} onChange={setEach} problem={tried ? wrong.each : null} />
          <DateField label={t("admin.discounts.from")} value={from} onChange={setFrom} />
          <DateField label={t("admin.discounts.to")} value={until} onChange={setUntil} />
        </div>
        {tried && wrong.until ? <p className="field-problem">{wrong.until}</p> : null}
        <Choice<DiscountCode["fundedBy"]>
          label={t("admin.discounts.fundedBy")}
          value={fundedBy}
          onChange={setFundedBy}
          options={[
            { value: "therapist", label: t("admin.discounts.by.therapist") },
            { value: "platform", label: t("admin.discounts.by.platform") },
          ]}
        />
        {code ? <Switch label={t("admin.discounts.active")} isOn={active} onChange={setActive} /> : null}
        {save.isError && !isTaken ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, save.error)}
          </p>
        ) : null}
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={save.isPending}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
