import { useApp, useWords } from "../app/AppContext";
import { Button } from "../ui/controls";
import { Question } from "../ui/Sheet";
import { useChangeProfile } from "./queries";

/** Asks a therapist who is online and signs out whether customers shall still be able to book. */
export function SignOutQuestion({ onClose }: { onClose(): void }) {
  const { t } = useWords();
  const { identities } = useApp();
  const change = useChangeProfile();
  return (
    <Question
      title={t("desk.signOut.title")}
      text={t("desk.signOut.text")}
      confirm={t("desk.signOut.offline")}
      busy={change.isPending}
      onConfirm={() => change.mutate({ status: "offline" }, { onSuccess: () => identities.signOut() })}
      onClose={onClose}
    >
      <Button look="quiet" onPress={() => identities.signOut()}>
        {t("desk.signOut.stay")}
      </Button>
    </Question>
  );
}
