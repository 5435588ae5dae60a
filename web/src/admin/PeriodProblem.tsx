/** Says at a period what is wrong with it, instead of asking the server, which would only refuse it. */
export function PeriodProblem({ text }: { text: string }) {
  return (
    <p className="notice notice-bad" role="alert">
      {text}
    </p>
  );
}
