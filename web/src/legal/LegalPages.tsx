import { useQuery } from "@tanstack/react-query";
import { useApp } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { Answer } from "../ui/states";
import type { LegalPage } from "./pages";

/** Terms, privacy, help or imprint, in the reader's language, with what the operator says of itself. */
export default function LegalPages({ page }: { page: LegalPage }) {
  const { words, configuration } = useApp();
  const { t, language } = words;
  usePageTitle(t(`legal.${page}`));
  const texts = useQuery({
    queryKey: ["catalogue", "legal", language],
    staleTime: Infinity,
    queryFn: async () => (language === "id" ? (await import("./id")).pages : (await import("./en")).pages),
  });
  return (
    <article className="stack legal">
      <h1>{t(`legal.${page}`)}</h1>
      <Answer query={texts}>
        {(pages) => (
          <>
            {pages[page](configuration.operator).map(({ heading, paragraphs }) => (
              <section key={heading} className="card stack">
                <h2>{heading}</h2>
                {paragraphs.map((paragraph) => (
                  <p key={paragraph} className="lines-kept">
                    {paragraph}
                  </p>
                ))}
              </section>
            ))}
          </>
        )}
      </Answer>
    </article>
  );
}
