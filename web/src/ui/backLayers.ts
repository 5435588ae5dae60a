import { useEffect, useRef } from "react";

/**
 * Sheets and questions as entries of the browser's history: going back closes the topmost one instead of leaving the
 * page. Each entry says in its state how many of them stand over its page.
 */
interface Layer {
  close(): void;
}

const layers: Layer[] = [];
let isScheduled = false;
/** While we go back ourselves: the browser tells of it later. */
let isGoingBack = false;

const depth = (): number => {
  const state = history.state as { layers?: number } | null;
  return state?.layers ?? 0;
};

/** Whether a reload has found a sheet over this page; a fresh visit of the same address begins without. */
export function hadLayer(): boolean {
  const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return depth() > 0 && arrival?.type !== "navigate";
}

function goTo(wanted: number): void {
  isGoingBack = true;
  history.go(wanted - depth());
}

/** Brings the history in step once everything that happens now has happened: one sheet may follow another. */
function settleSoon(): void {
  if (isScheduled) return;
  isScheduled = true;
  window.setTimeout(() => {
    isScheduled = false;
    settle();
  });
}

function settle(): void {
  if (isGoingBack) return;
  for (let next = depth() + 1; next <= layers.length; next += 1) {
    history.pushState({ ...(history.state as object | null), layers: next }, "");
  }
  if (depth() > layers.length) goTo(layers.length);
}

function wentBack(): void {
  if (isGoingBack) {
    isGoingBack = false;
    settle();
    return;
  }
  const left = depth();
  for (const layer of layers.slice(left).reverse()) layer.close();
  // An entry whose sheet is gone, as a link in it has led on: the page below is meant.
  if (left > layers.length) goTo(layers.length);
}

function open(layer: Layer): () => void {
  if (layers.length === 0) window.addEventListener("popstate", wentBack);
  layers.push(layer);
  settleSoon();
  return () => {
    layers.splice(layers.indexOf(layer), 1);
    settleSoon();
  };
}

/** Makes going back close what uses this, for as long as it is on the screen. */
export function useBackCloses(close: () => void): void {
  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => open({ close: () => latest.current() }), []);
}
