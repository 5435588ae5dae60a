import { Component, lazy, Suspense, type ComponentType, type ReactNode } from "react";

const TRIES = 3;
const FIRST_PAUSE = 800;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Loads again what did not load: one lost packet is no reason for a blank page. */
export async function withPatience<Result>(load: () => Promise<Result>, wait = pause): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await load();
    } catch (failure) {
      if (attempt === TRIES) throw failure;
      await wait(FIRST_PAUSE * 2 ** (attempt - 1));
    }
  }
}

/**
 * A page, or a part of one, that is loaded when it is needed. After a first visit it is at hand by then: the service
 * worker keeps all of the client once the first page stands.
 */
export function lazyPage<Properties extends object>(load: () => Promise<{ default: ComponentType<Properties> }>) {
  return lazy(() => withPatience(load));
}

/** A part of a page, as a dialog, that is loaded when it is opened: what stands there stays until it has come. */
export function lazyPart<Properties extends object>(load: () => Promise<{ default: ComponentType<Properties> }>) {
  const Part: ComponentType<Properties> = lazyPage(load);
  return function LazyPart(properties: Properties) {
    return (
      <Suspense fallback={null}>
        <Part {...properties} />
      </Suspense>
    );
  };
}

const RELOADED = "teduh.reloaded";
const RELOAD_AT_MOST_EVERY = 20_000;

function reloadedJustNow(): boolean {
  try {
    return Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < RELOAD_AT_MOST_EVERY;
  } catch {
    return true;
  }
}

function reload(): void {
  try {
    sessionStorage.setItem(RELOADED, String(Date.now()));
  } catch {
    // Without a store it can only be done by hand.
  }
  window.location.reload();
}

interface BoundaryProperties {
  /** What is shown instead; `again` starts the page anew. */
  fallback(again: () => void): ReactNode;
  children: ReactNode;
}

/**
 * Stands in for a page that could not be shown. If the network was the reason, the page starts anew as soon as it is
 * back; if a newer build has taken the place of ours, at once, and once.
 */
export class Recovery extends Component<BoundaryProperties, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch() {
    window.addEventListener("online", reload);
    if (navigator.onLine && !reloadedJustNow()) reload();
  }

  override componentWillUnmount() {
    window.removeEventListener("online", reload);
  }

  override render() {
    return this.state.hasFailed ? this.props.fallback(reload) : this.props.children;
  }
}
