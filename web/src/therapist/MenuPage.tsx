import { useState } from "react";
import type { Profile, ProfileChange } from "../api/types";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { changedParts } from "../data/changedParts";
import { isSoundMenu, MenuAndHours, menuPart, type MenuDraft } from "../practice/MenuAndHours";
import { Button } from "../ui/controls";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { useUnsaved } from "../ui/useUnsaved";
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

  const changes = changedParts(profile, menuPart(draft) as ProfileChange);
  const isChanged = Object.keys(changes).length > 0;
  const unsaved = useUnsaved(isChanged);

  function save() {
    setIsInvalid(!isSoundMenu(draft));
    if (!isSoundMenu(draft)) return;
    if (!isChanged) {
      toast(t("common.nothingChanged"));
      return;
    }
    change.mutate(changes, { onSuccess: () => toast(t("common.saved"), "good") });
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
      {unsaved}
    </>
  );
}
