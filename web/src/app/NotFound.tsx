import { Link } from "wouter";
import { Empty } from "../ui/states";
import { useWords } from "./AppContext";
import { usePageTitle } from "./pageTitle";

/** What stands at an address that leads nowhere. */
export function NotFound() {
  const { t } = useWords();
  usePageTitle(t("app.notFound.title"));
  return (
    <Empty title={t("app.notFound.title")} text={t("app.notFound.text")}>
      <Link href="~/" className="button button-primary button-normal">
        {t("app.nav.find")}
      </Link>
    </Empty>
  );
}
