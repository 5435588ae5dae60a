import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components";
import { answer, createApi, type Api } from "../api/client";
import { problemOf } from "../api/problem";
import type { Language } from "../api/types";
import { loadWords, preferredLanguage, wordsIn, type Words } from "../i18n/text";
import { toast } from "../ui/toasts";
import type { Configuration } from "./configuration";
import { Identities, type Identity } from "./identity";
import { keep, kept, onKeptElsewhere } from "./kept";

type Theme = "light" | "dark";

interface AppValue {
  configuration: Configuration;
  identities: Identities;
  /** The interface as somebody who has not signed in. */
  publicApi: Api;
  /** The interface as this user. */
  apiFor(identity: Identity): Api;
  words: Words;
  setLanguage(language: Language): void;
  theme: Theme;
  setTheme(theme: Theme): void;
}

const AppContext = createContext<AppValue | null>(null);

const LANGUAGE = "teduh.language";
const THEME = "teduh.theme";

/** The language that this browser was set to, or else prefers. */
export function keptLanguage(): Language {
  const language = kept(LANGUAGE);
  return language === "en" || language === "id" ? language : preferredLanguage();
}

function keptTheme(): Theme {
  const theme = kept(THEME);
  if (theme === "dark" || theme === "light") return theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function AppProvider({ configuration, children }: { configuration: Configuration; children: ReactNode }) {
  const [language, setLanguageState] = useState(keptLanguage);
  const [theme, setThemeState] = useState(keptTheme);
  const words = useMemo(() => wordsIn(language), [language]);

  const { identities, publicApi, apiFor } = useMemo(() => {
    const publicApi = createApi(configuration.restUrl);
    const identities = new Identities(
      configuration,
      async (language) => {
        const session = await answer(publicApi.POST("/guest-sessions", { body: { language } }));
        return { userId: session.customerId, token: session.token, expiresAt: session.expiresAt };
      },
      keptLanguage,
    );
    const known = new Map<string, Api>();
    const apiFor = (identity: Identity) => {
      const key = `${identity.kind} ${identity.userId}`;
      const api =
        known.get(key) ??
        createApi(configuration.restUrl, {
          token: () => identities.tokenOf(identity),
          refused: (token) => identities.refused(identity, token),
        });
      known.set(key, api);
      return api;
    };
    return { identities, publicApi, apiFor };
  }, [configuration]);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);

  useEffect(() => identities.follow(), [identities]);
  useEffect(
    () =>
      onKeptElsewhere("teduh.", () => {
        const next = keptLanguage();
        // Without its words, what stands there stays.
        void loadWords(next).then(() => setLanguageState(next), () => undefined);
        setThemeState(keptTheme());
      }),
    [],
  );

  const setLanguage = useCallback(
    (next: Language) => {
      loadWords(next).then(
        () => {
          keep(LANGUAGE, next);
          setLanguageState(next);
        },
        () => toast(words.t("problem.network"), "bad"),
      );
    },
    [words],
  );
  const setTheme = useCallback((next: Theme) => {
    keep(THEME, next);
    setThemeState(next);
  }, []);

  const value = useMemo(
    () => ({ configuration, identities, publicApi, apiFor, words, setLanguage, theme, setTheme }),
    [configuration, identities, publicApi, apiFor, words, setLanguage, theme, setTheme],
  );
  return (
    <AppContext.Provider value={value}>
      <I18nProvider locale={words.locale}>{children}</I18nProvider>
    </AppContext.Provider>
  );
}

export function useApp(): AppValue {
  const value = useContext(AppContext);
  if (!value) throw new Error("useApp outside of AppProvider");
  return value;
}

export function useWords(): Words {
  return useApp().words;
}

export function useMember() {
  const { identities } = useApp();
  return useSyncExternalStore(identities.onChange, () => identities.member);
}

export function useCustomer() {
  const { identities } = useApp();
  return useSyncExternalStore(identities.onChange, () => identities.customer);
}

/** A session that has ended without its owner's doing, until it is dismissed. */
export function useFarewell() {
  const { identities } = useApp();
  return useSyncExternalStore(identities.onChange, () => identities.farewell);
}

/** Puts a failure into words, for people. */
export function problemText(words: Words, failure: unknown): string {
  const key = `problem.${problemOf(failure).code}`;
  return words.has(key) ? words.t(key) : words.t("problem.internal_error");
}

/** Says in a toast what went wrong. */
export function useProblemToast(): (failure: unknown) => void {
  const words = useWords();
  return useCallback((failure: unknown) => toast(problemText(words, failure), "bad"), [words]);
}
