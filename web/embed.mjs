// Turns dist/ into dist.c: the files, gzipped one after the other, and the table of src/app/dashboard_assets.h.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

function filesOf(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesOf(path) : [path]));
}

const rows = [];
const pieces = [];
let begin = 0;
for (const path of filesOf("dist")) {
  const type = types[extname(path)];
  if (!type) throw new Error(`${path}: no type is known for such a file (embed.mjs)`);
  const content = readFileSync(path);
  const packed = gzipSync(content, { level: 9 });
  packed[9] = 255; // the byte that says which system packed it
  const tag = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const name = "/" + relative("dist", path).replaceAll("\\", "/");
  const immutable = name.startsWith("/assets/");
  rows.push(`    {${JSON.stringify(name)}, ${JSON.stringify(type)}, "${tag}", ${immutable}, ${begin}, ${packed.length}},`);
  pieces.push(packed);
  begin += packed.length;
}
const bytes = Buffer.concat(pieces);
const lines = [];
for (let i = 0; i < bytes.length; i += 32) lines.push(bytes.subarray(i, i + 32).join(",") + ",");
writeFileSync(
  "dist.c",
  `/* Made by web/embed.mjs. */
#include "app/dashboard_assets.h"

const hn_board_asset hn_board_assets[] = {
${rows.join("\n")}
};
const size_t hn_board_asset_count = sizeof hn_board_assets / sizeof *hn_board_assets;
const unsigned char hn_board_asset_bytes[] = {
${lines.join("\n")}
};
`,
);
