// Modules are loaded as Node resolves them: what they import exists, and only those that pages start need a page.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const HOME = new URL("../../app/web/static/js/", import.meta.url);
const TEMPLATES = new URL("../../app/web/templates/", import.meta.url);
const read = (folder, ending) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => [name.slice(0, -ending.length), readFileSync(new URL(name, folder), "utf8")]);
const modules = read(HOME, ".js");
const started = read(TEMPLATES, ".html").flatMap(([, html]) =>
  [...html.matchAll(/import "#([^"]+)"/g)].map(([, name]) => name),
);
// Those that extend what Leaflet has are loaded by the page when they are needed.
const late = modules.flatMap(([, code]) =>
  [...code.matchAll(/import\("#([^"]+)"\)/g)].map(([, name]) => name),
);

test("modules do nothing when they are loaded, but those that pages start", async () => {
  assert.ok(new Set(started).size >= 5);
  for (const [name] of modules) {
    if (started.includes(name) || late.includes(name)) continue;
    const { length } = Object.keys(await import(`#${name}`));
    assert.ok(length > 0, name);
  }
});

test("what a module exports, another module or a test imports", () => {
  const tests = read(new URL("./", import.meta.url), ".js");
  const code = [...modules, ...tests].map(([, text]) => text).join("\n");
  const imported = new Set();
  for (const [, names, from] of code.matchAll(/import \{([^}]*)\} from "#([^"]+)"/g))
    for (const name of names.split(",")) imported.add(`${from} ${name.trim().split(" ")[0]}`);
  for (const [, names, from] of code.matchAll(/const \{([^}]*)\} = await import\("#([^"]+)"\)/g))
    for (const name of names.split(",")) imported.add(`${from} ${name.trim().split(":")[0]}`);
  for (const [, from, name] of code.matchAll(/import\("#([^"]+)"\)\.(\w+)/g)) imported.add(`${from} ${name}`);
  const exported = modules.flatMap(([from, text]) =>
    [...text.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)].map(
      ([, name]) => `${from} ${name}`,
    ),
  );
  assert.ok(exported.length > 150);
  assert.deepEqual(
    exported.filter((name) => !imported.has(name)),
    [],
  );
});
