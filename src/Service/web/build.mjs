// Builds the page into dist/: one entry that shows the first view, the map and the charts in parts of their own that load when they are needed, every file
// compressed beside itself so that the service only has to send it.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist/assets", { recursive: true });

const result = await build({
  entryPoints: { page: "src/main.tsx" },
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  metafile: true,
  legalComments: "linked",
  logLevel: "warning",
});

const outputs = Object.keys(result.metafile.outputs);
const entry = outputs.find((name) => result.metafile.outputs[name].entryPoint === "src/main.tsx");
const style = result.metafile.outputs[entry].cssBundle;
const hash = createHash("sha256").update(readFileSync("src/icon.svg")).digest("hex").slice(0, 10);
writeFileSync(`dist/assets/icon-${hash}.svg`, readFileSync("src/icon.svg"));
const html = readFileSync("src/index.html", "utf8")
  .replace("{{style}}", style.replace("dist/", ""))
  .replace("{{script}}", entry.replace("dist/", ""))
  .replace("{{icon}}", `assets/icon-${hash}.svg`);
writeFileSync("dist/index.html", html);

for (const name of ["dist/index.html", ...readdirSync("dist/assets").map((file) => join("dist/assets", file))]) {
  if (statSync(name).size < 800) continue;
  const content = readFileSync(name);
  writeFileSync(`${name}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${name}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
