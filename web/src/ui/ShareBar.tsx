/** How large a part of the largest something is, as a bar; the number beside it says the same. */
export function ShareBar({ part, of }: { part: number; of: number }) {
  const share = of > 0 ? Math.max(0, Math.min(100, (part / of) * 100)) : 0;
  return (
    <svg className="share-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden>
      <rect width="100" height="6" className="share-bar-all" />
      <rect width={share} height="6" className="share-bar-part" />
    </svg>
  );
}
