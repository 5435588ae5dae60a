import { useEffect, useState, type ReactNode } from "react";
import { navigate } from "wouter/use-browser-location";
import { useWords } from "../app/AppContext";
import { Question } from "./Sheet";

/** Asks before somebody leaves a form whose changes are not saved; what it returns is to be rendered. */
export function useUnsaved(isChanged: boolean): ReactNode {
  const { t } = useWords();
  const [target, setTarget] = useState<string | null>(null);
  useEffect(() => {
    if (!isChanged) return;
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    const clicked = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (!link || link.target === "_blank" || link.origin !== location.origin || link.pathname === location.pathname) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      setTarget(`${link.pathname}${link.search}`);
    };
    window.addEventListener("beforeunload", leaving);
    document.addEventListener("click", clicked, { capture: true });
    return () => {
      window.removeEventListener("beforeunload", leaving);
      document.removeEventListener("click", clicked, { capture: true });
    };
  }, [isChanged]);
  if (target === null) return null;
  return (
    <Question
      title={t("common.unsaved.title")}
      text={t("common.unsaved.text")}
      confirm={t("common.unsaved.leave")}
      cancel={t("common.unsaved.stay")}
      look="danger"
      onConfirm={() => {
        setTarget(null);
        navigate(target);
      }}
      onClose={() => setTarget(null)}
    />
  );
}
