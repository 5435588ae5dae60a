import { KeyRound, LogIn, LogOut, Moon, Sun, WifiOff } from "lucide-react";
import { Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useRoute } from "wouter";
import { LANGUAGES } from "../i18n/text";
import { LEGAL_PAGES } from "../legal/pages";
import { Count } from "../ui/bits";
import { IconButton } from "../ui/controls";
import { Loading } from "../ui/states";
import { useApp, useMember, useWords } from "./AppContext";
import { useConnection, useLiveOrNull } from "./LiveContext";
import { countInTitle } from "./pageTitle";

export function Brand() {
  const { t } = useWords();
  return (
    <Link href="~/" className="brand">
      <img src="/icon.svg" width={36} height={36} alt={t("app.name")} />
      <span>
        <span className="brand-name" aria-hidden>
          {t("app.name")}
        </span>
        <span className="brand-tagline">{t("app.tagline")}</span>
      </span>
    </Link>
  );
}

/** Language and colours. */
export function DisplayChoices() {
  const { words, setLanguage, theme, setTheme } = useApp();
  const { t } = words;
  return (
    <div className="row row-tight">
      <label className="language">
        <span className="visually-hidden">{t("app.language")}</span>
        <select value={words.language} onChange={(event) => setLanguage(event.target.value === "id" ? "id" : "en")}>
          {LANGUAGES.map((language) => (
            <option key={language} value={language}>
              {language.toUpperCase()}
            </option>
          ))}
        </select>
      </label>
      <IconButton
        label={theme === "dark" ? t("app.theme.light") : t("app.theme.dark")}
        icon={theme === "dark" ? <Sun size={20} aria-hidden /> : <Moon size={20} aria-hidden />}
        onPress={() => setTheme(theme === "dark" ? "light" : "dark")}
      />
    </div>
  );
}

export interface NavigationItem {
  href: string;
  label: string;
  /** What fits under an icon on a small screen, where the label does not. */
  shortLabel?: string;
  icon: ReactNode;
  count?: number;
  countLabel?: string;
}

function NavigationLink({ item }: { item: NavigationItem }) {
  const [isExact] = useRoute(item.href);
  const [isWithin] = useRoute(item.href === "/" ? "/t/:id" : `${item.href}/*`);
  const isCurrent = isExact || isWithin;
  return (
    <Link href={item.href} className="navigation-link" aria-current={isCurrent ? "page" : undefined}>
      {item.icon}
      <span className={item.shortLabel ? "navigation-label navigation-label-long" : "navigation-label"}>{item.label}</span>
      {item.shortLabel ? (
        <span className="navigation-label-short">{item.shortLabel}</span>
      ) : null}
      <Count count={item.count ?? 0} label={item.countLabel ?? ""} />
    </Link>
  );
}

interface ShellProperties {
  navigation: readonly NavigationItem[];
  /** Unread messages and waiting requests, for the tab's title. */
  waiting: number;
  tools?: ReactNode;
  width?: "normal" | "wide";
  /** What comes before signing out; else it is done at once. */
  onSignOut?: () => void;
  children: ReactNode;
}

/** The frame around every page: brand, navigation, choices, and a word about the network. */
export function Shell({ navigation, waiting, tools, width = "normal", onSignOut, children }: ShellProperties) {
  const { t } = useWords();
  useEffect(() => countInTitle(waiting), [waiting]);
  return (
    <div className="shell">
      <header className="shell-header">
        <Brand />
        <nav className="navigation" aria-label={t("app.nav.label")}>
          {navigation.map((item) => (
            <NavigationLink key={item.href} item={item} />
          ))}
        </nav>
        <div className="shell-tools">
          {tools}
          <DisplayChoices />
          <Account {...(onSignOut ? { onSignOut } : {})} />
        </div>
      </header>
      <ConnectionNotice />
      <main id="content" className={`shell-content shell-${width}`}>
        {/* What is still loading leaves the frame where it is. */}
        <Suspense fallback={<Loading />}>{children}</Suspense>
      </main>
      <footer className="shell-footer">
        <nav aria-label={t("legal.nav")}>
          {LEGAL_PAGES.map((page) => (
            <Link key={page} href={`~/${page}`}>
              {t(`legal.${page}`)}
            </Link>
          ))}
          <Link href="~/my-data">{t("data.title")}</Link>
        </nav>
        <span>
          {t("app.name")} {import.meta.env.VITE_VERSION}
        </span>
      </footer>
    </div>
  );
}

function Account({ onSignOut }: { onSignOut?: () => void }) {
  const { identities } = useApp();
  const member = useMember();
  const { t } = useWords();
  if (member) {
    return (
      <>
        <Link href="~/security" className="icon-button" aria-label={t("app.nav.security")}>
          <KeyRound size={20} aria-hidden />
        </Link>
        <IconButton label={t("app.nav.signOut")} icon={<LogOut size={20} aria-hidden />} onPress={onSignOut ?? (() => identities.signOut())} />
      </>
    );
  }
  return (
    <Link href="~/sign-in" className="icon-button" aria-label={t("app.nav.signIn")}>
      <LogIn size={20} aria-hidden />
    </Link>
  );
}

/** A first connection may take its time; one that was lost is missed sooner. */
const MISSED_AFTER = { first: 12_000, lost: 4_000 } as const;

/** Speaks up once the connection has been away for a moment. */
function ConnectionNotice() {
  const { t } = useWords();
  const live = useLiveOrNull();
  const connection = useConnection();
  const isAway = live !== null && (connection === "waiting" || connection === "connecting");
  const [isLong, setIsLong] = useState(false);
  const wasOpen = useRef(false);
  const [isOnline, setIsOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setIsOnline(navigator.onLine);
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);
  useEffect(() => {
    if (connection === "open") wasOpen.current = true;
  }, [connection]);
  useEffect(() => {
    setIsLong(false);
    if (!isAway) return;
    const timer = window.setTimeout(() => setIsLong(true), wasOpen.current ? MISSED_AFTER.lost : MISSED_AFTER.first);
    return () => window.clearTimeout(timer);
  }, [isAway]);
  if (isOnline && !(isAway && isLong)) return null;
  return (
    <p className="connection-notice" role="status">
      <WifiOff size={16} aria-hidden />
      {isOnline ? t("app.connecting") : t("app.offline")}
    </p>
  );
}
