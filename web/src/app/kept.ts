/**
 * What this browser keeps from one visit to the next. All tabs share it, so whoever reads it listens too; where the
 * browser refuses to keep anything, it lasts as long as the page.
 */
const memory = new Map<string, string>();

export function kept(key: string): string | null {
  try {
    return memory.get(key) ?? localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

export function keep(key: string, value: string | null): void {
  memory.delete(key);
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Full or forbidden.
    if (value !== null) memory.set(key, value);
  }
}

/** Every key in use that begins so. */
export function keptKeys(beginning: string): string[] {
  const keys = new Set(memory.keys());
  try {
    for (let index = 0; index < localStorage.length; index += 1) keys.add(localStorage.key(index) ?? "");
  } catch {
    // What the page remembers by itself is all there is.
  }
  return [...keys].filter((key) => key.startsWith(beginning));
}

/** Hears what other tabs change under keys that begin so; a cleared store changes all of them (null). */
export function onKeptElsewhere(beginning: string, listener: (key: string | null) => void): () => void {
  const heard = ({ key }: StorageEvent) => {
    if (key === null || key.startsWith(beginning)) listener(key);
  };
  window.addEventListener("storage", heard);
  return () => window.removeEventListener("storage", heard);
}

/** Runs a task while no other tab runs one of this name. */
export async function inTurn<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
  // Pages of plain HTTP have no locks: there the tasks' own checks have to do.
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  return locks ? locks.request(name, task) : task();
}
