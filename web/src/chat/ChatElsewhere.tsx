import { Link } from "wouter";
import { useWords } from "../app/AppContext";
import { useLiveOrNull } from "../app/LiveContext";
import { RecoverChats } from "../customer/RecoverChats";
import { Empty } from "../ui/states";

/** The way on for somebody whose chat belongs to another browser or account. */
export function ChatElsewhere({ base }: { base?: string }) {
  const { t } = useWords();
  const role = useLiveOrNull()?.identity.role;
  return (
    <Empty title={t("chats.elsewhere.title")} text={role && role !== "customer" ? t("common.notAvailable.text") : t("chats.elsewhere.text")}>
      <div className="row">
        {base ? (
          <Link href={base} className="button button-primary button-normal">
            {t("chats.all")}
          </Link>
        ) : null}
        {role && role !== "customer" ? null : (
          <Link href="/" className="button button-secondary button-normal">
            {t("app.nav.find")}
          </Link>
        )}
        {role && role !== "customer" ? null : <RecoverChats />}
        {role ? null : (
          <Link href="~/sign-in" className="button button-secondary button-normal">
            {t("app.nav.signIn")}
          </Link>
        )}
      </div>
    </Empty>
  );
}
