import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { allItems, answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { Duty, StaffMember } from "../api/types";
import { problemText, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Avatar } from "../ui/bits";
import { Button, Choices, Field, Switch } from "../ui/controls";
import { plainLine } from "../ui/plainText";
import { Sheet } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { DUTIES } from "./duties";

/** Who runs the marketplace, and what each is there for. */
export default function StaffPage() {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  usePageTitle(t("admin.staff.title"));
  const [editing, setEditing] = useState<StaffMember | "new" | null>(null);
  const staff = useQuery({
    queryKey: ["admin", "staff"],
    queryFn: () => allItems((cursor) => answer(api.GET("/admin/staff", { params: { query: cursor ? { cursor } : {} } }))),
  });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.staff.title")}</h1>
        <Button look="primary" icon={<UserPlus size={18} aria-hidden />} onPress={() => setEditing("new")}>
          {t("admin.staff.invite")}
        </Button>
      </div>
      <Answer query={staff}>
        {({ items }) => (
          <ul className="people">
            {items.map((member) => (
              <li key={member.userId} className={member.active ? "card person" : "card person person-away"} data-member={member.userId}>
                <Avatar name={member.name} />
                <div className="person-text">
                  <strong>{member.name}</strong>
                  <span className="muted small">
                    {member.userId} · {member.email}
                  </span>
                  <span className="row row-tight">
                    {member.active ? null : <span className="badge badge-cancelled">{t("admin.staff.inactive")}</span>}
                    {member.duties.map((duty) => (
                      <span key={duty} className="badge">
                        {t(`duty.${duty}`)}
                      </span>
                    ))}
                    {member.duties.length === 0 ? <span className="muted small">{t("admin.staff.noDuty")}</span> : null}
                  </span>
                </div>
                <Button size="small" aria-label={t("admin.staff.editOf", { name: member.name })} onPress={() => setEditing(member)}>
                  {t("common.edit")}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Answer>
      {editing ? <StaffSheet member={editing === "new" ? null : editing} onClose={() => setEditing(null)} /> : null}
    </div>
  );
}

const ID = /^[a-z0-9][a-z0-9-]{2,39}$/;
const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;

function StaffSheet({ member, onClose }: { member: StaffMember | null; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const [userId, setUserId] = useState("");
  const [email, setEmail] = useState("");
  const [name, setName] = useState(member?.name ?? "");
  const [duties, setDuties] = useState<Duty[]>(member?.duties ?? []);
  const [active, setActive] = useState(member?.active ?? true);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      member
        ? answer(
            api.PATCH("/admin/staff/{userId}", {
              params: { path: { userId: member.userId } },
              body: { duties, active, name: plainLine(name) },
            }),
          )
        : answer(api.POST("/admin/staff", { body: { userId: userId.trim(), email: email.trim(), name: plainLine(name), duties } })),
    onSuccess: (saved) => {
      toast(member ? t("common.saved") : t("admin.staff.invited", { email: saved.email }), "good");
      onClose();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin", "staff"] }),
  });
  const wrong = {
    userId: !member && !ID.test(userId.trim()) ? t("admin.staff.badId") : null,
    email: !member && !EMAIL.test(email.trim()) ? t("admin.staff.badEmail") : null,
    name: plainLine(name) === "" ? t("desk.settings.required") : null,
  };
  const refused = (field: string) =>
    save.isError && problemOf(save.error).body.errors?.some((rule) => rule.path === field) ? t("book.invalid.other") : null;
  const isTaken = save.isError && problemOf(save.error).code === "already_exists";
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.values(wrong).every((problem) => problem === null)) save.mutate();
  }
  return (
    <Sheet title={member ? member.name : t("admin.staff.invite")} onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        {member ? null : (
          <>
            <p className="muted">{t("admin.staff.inviteText")}</p>
            <Field
              label={t("signIn.username")}
              hint={t("admin.staff.idHint")}
              autoCapitalize="none"
              value={userId}
              onChange={setUserId}
              problem={(tried ? wrong.userId : null) ?? (isTaken ? t("problem.already_exists") : refused("userId"))}
            />
            <Field
              label={t("admin.staff.email")}
              type="email"
              autoComplete="off"
              autoCapitalize="none"
              value={email}
              onChange={setEmail}
              problem={(tried ? wrong.email : null) ?? refused("email")}
            />
          </>
        )}
        <Field label={t("desk.settings.name")} value={name} onChange={setName} maxLength={255} problem={(tried ? wrong.name : null) ?? refused("name")} />
        <Choices
          label={t("admin.staff.duties")}
          values={duties}
          onChange={setDuties}
          options={DUTIES.map((duty) => ({ value: duty, label: t(`duty.${duty}`) }))}
        />
        <ul className="small muted bare">
          {DUTIES.map((duty) => (
            <li key={duty}>
              {t(`duty.${duty}`)}: {t(`duty.text.${duty}`)}
            </li>
          ))}
        </ul>
        {member ? <Switch label={t("admin.staff.active")} isOn={active} onChange={setActive} /> : null}
        {member?.active && !active ? <p className="notice">{t("admin.staff.deactivating")}</p> : null}
        {save.isError && !isTaken ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, save.error)}
          </p>
        ) : null}
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={save.isPending}>
            {member ? t("common.save") : t("admin.staff.invite")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
