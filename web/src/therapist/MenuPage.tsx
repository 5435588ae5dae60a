import { useState } from "react";
import type { Profile, ProfileChange } from "../api/types";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { isSoundMenu, MenuAndHours, menuPart, type MenuDraft } from "../practice/MenuAndHours";
import { Button } from "../ui/controls";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { useChangeProfile, useProfile } from "./queries";

export default function MenuPage() {
  const { t } = useWords();
  usePageTitle(t("desk.menu.title"));
  const profile = useProfile();
  return (
    <div className="stack">
      <h1>{t("desk.menu.title")}</h1>
      <Answer query={profile}>{(present) => <MenuForm profile={present} />}</Answer>
    </div>
  );
}

function MenuForm({ profile }: { profile: Profile }) {
  const { t } = useWords();
  const change = useChangeProfile();
  const [draft, setDraft] = useState<MenuDraft>({
    menu: profile.menu,
    openingHours: profile.openingHours,
    overrides: profile.overrides,
  });
  const [isInvalid, setIsInvalid] = useState(false);

  function save() {
    setIsInvalid(!isSoundMenu(draft));
    if (!isSoundMenu(draft)) return;
    change.mutate(menuPart(draft) as ProfileChange, { onSuccess: () => toast(t("common.saved"), "good") });
  }

  return (
    <>
      <MenuAndHours draft={draft} timeZone={profile.timeZone} onChange={setDraft} />
      {isInvalid ? (
        <p className="notice notice-bad" role="alert">
          {t("desk.menu.invalid")}
        </p>
      ) : null}
      <div className="row row-end save-bar">
        <Button look="primary" size="large" busy={change.isPending} onPress={save}>
          {t("common.save")}
        </Button>
      </div>
    </>
  );
}
