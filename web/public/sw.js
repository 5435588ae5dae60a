// The offline shell: the start page and the client's own files. Nothing of people's data is ever kept here.
// scripts/swap.mjs writes the build's own name here: with every build the shell is kept anew, and the former one goes.
const SHELL = "shell-unbuilt";

// What the first page needs besides the build's own files; after the first visit it starts without a network.
const OWN_FILES = ["/", "/config.json", "/manifest.webmanifest", "/icon.svg", "/icon-192.png", "/icon-512.png"];
// What belongs to one role is kept once somebody has been there.
const OF_A_ROLE = /^\/((desk|admin)\.webmanifest|icon-(desk|admin)(-\d+)?\.(svg|png))$/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(SHELL);
      const manifest = await (await fetch("/assets.json", { cache: "no-cache" })).json();
      const files = Object.values(manifest).flatMap((chunk) => [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]);
      // The typeface of other scripts than ours is fetched when somebody writes in one.
      const ours = [...new Set(files)].filter((file) => !file.endsWith(".html") && !/(cyrillic|vietnamese|greek|latin-ext)/.test(file));
      await cache.addAll([...OWN_FILES, ...ours.map((file) => `/${file}`)]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

async function freshOrKept(request, key) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(key, answer.clone());
    return answer;
  } catch (failure) {
    const kept = await cache.match(key);
    if (kept) return kept;
    throw failure;
  }
}

async function keptOrFresh(request) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(freshOrKept(request, "/"));
  else if (OWN_FILES.includes(url.pathname) || OF_A_ROLE.test(url.pathname)) event.respondWith(freshOrKept(request, url.pathname));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(keptOrFresh(request));
});

// A message for somebody who is not looking; what it may say, the server has decided.
self.addEventListener("push", (event) => {
  let news = {};
  try {
    news = event.data?.json() ?? {};
  } catch {
    // Something that we have not sent.
  }
  const { title = "Teduh", body = "", bookingId = null, event: about = "" } = news;
  event.waitUntil(
    self.registration.showNotification(title, { body, tag: `${bookingId}-${about}`, icon: "/icon-192.png", data: { bookingId } }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { bookingId } = event.notification.data ?? {};
  const target = bookingId ? `/go/${encodeURIComponent(bookingId)}` : "/";
  event.waitUntil(
    (async () => {
      const [open] = await self.clients.matchAll({ type: "window" });
      if (!open) return self.clients.openWindow(target);
      await open.focus();
      return open.navigate(target);
    })(),
  );
});
