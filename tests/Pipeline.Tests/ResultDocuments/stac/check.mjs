// Usage: node check.mjs ITEM... : prints every fault of every STAC item; exit code 1 when there is one. No network.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const load = (path) => JSON.parse(readFileSync(path, "utf8"));
const schema = (name) => load(new URL(`schemas/${name}.json`, import.meta.url));

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
addFormats(ajv);
const core = ajv.compile(schema("item-1.1.0"));
const extensions = new Map([
  ["https://stac-extensions.github.io/projection/v2.0.0/schema.json", ajv.compile(schema("projection-2.0.0"))],
  ["https://stac-extensions.github.io/raster/v2.0.0/schema.json", ajv.compile(schema("raster-2.0.0"))],
  ["https://stac-extensions.github.io/processing/v1.2.0/schema.json", ajv.compile(schema("processing-1.2.0"))],
]);

let faults = 0;
const report = (path, from, errors) => {
  for (const error of errors ?? []) {
    faults += 1;
    console.log(`${path}: ${from}: ${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
  }
};

for (const path of process.argv.slice(2)) {
  const item = load(path);
  core(item);
  report(path, "core", core.errors);
  for (const url of item.stac_extensions ?? []) {
    const extension = extensions.get(url);
    if (!extension) {
      faults += 1;
      console.log(`${path}: there is no schema here for ${url}`);
      continue;
    }

    extension(item);
    report(path, url, extension.errors);
  }
}

process.exitCode = faults === 0 ? 0 : 1;
