import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL(".", import.meta.url));

function modules(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return modules(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes(".test.") ? [path] : [];
  });
}

const known = new Set(modules(ROOT));

/** The modules that a module imports from, types and lazily loaded pages included, as paths. */
function importsOf(path: string): string[] {
  const source = readFileSync(path, "utf8");
  return [...source.matchAll(/(?:^(?:import|export)\b[^;]*?from |\bimport\()"(\.[^"]+)"/gms)].flatMap(([, target = ""]) => {
    const base = join(dirname(path), target);
    return [base, `${base}.ts`, `${base}.tsx`].filter((candidate) => known.has(candidate)).slice(0, 1);
  });
}

describe("the modules of the client", () => {
  it("import each other in one direction only", () => {
    const circles: string[] = [];
    const finished = new Set<string>();
    const walk = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].map((step) => relative(ROOT, step)).join(" > "));
      if (way.includes(path) || finished.has(path)) return;
      for (const next of importsOf(path)) walk(next, [...way, path]);
      finished.add(path);
    };
    for (const path of known) walk(path, []);
    expect(known.size).toBeGreaterThan(50);
    expect(circles).toEqual([]);
  });
});
