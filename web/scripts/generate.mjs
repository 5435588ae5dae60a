// Generates the types of the REST interface and of the WebSocket frames from the project's own documents.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapiTypescript, { astToString } from "openapi-typescript";

const documents = new URL("../../docs/", import.meta.url);
const target = new URL("../src/api/generated/", import.meta.url);

async function generate(document, file) {
  const syntax = await openapiTypescript(document, { defaultNonNullable: false });
  const header = "// Generated from docs/ by `npm run generate`: not to be edited.\n";
  await writeFile(new URL(file, target), header + astToString(syntax));
}

await mkdir(target, { recursive: true });
const openApi = JSON.parse(await readFile(new URL("openapi.json", documents), "utf8"));
await generate(openApi, "rest.ts");
const asyncApi = JSON.parse(await readFile(new URL("asyncapi.json", documents), "utf8"));
// The frames' JSON schemas are the same dialect as OpenAPI 3.1's, so one generator serves both.
await generate(
  { openapi: "3.1.0", info: asyncApi.info, paths: {}, components: { schemas: asyncApi.components.schemas } },
  "frames.ts",
);
