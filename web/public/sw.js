// The offline shell: the start page and the client's own files. Nothing of people's data is ever kept here.
// scripts/swap.mjs writes the build's own name here: with every build the shell is kept anew, and the former one goes.
const SHELL = "shell-unbuilt";

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(SHELL);
      const manifest = await (await fetch("/assets.json", { cache: "no-cache" })).json();
      const files = Object.values(manifest).flatMap((chunk) => [chunk.file, ...(chunk.css ?? [])]);
      const wanted = ["/", "/manifest.webmanifest", "/icon.svg", ...new Set(files.map((file) => `/${file}`))];
      await cache.addAll(wanted.filter((path) => !path.endsWith(".html")));
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
  else if (url.pathname === "/config.json") event.respondWith(freshOrKept(request, "/config.json"));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(keptOrFresh(request));
});
