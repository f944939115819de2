// What the map can show of a job: its rasters as the STAC item names them, and what is computed from them on the way to the screen.
import type { ResultFile } from "../service/answers";
import { getJson } from "../service/requests";
import { blockSize, Cog } from "./cog";
import { fetchStyle, isSigned, withLimit, type RasterStyle } from "./style";

interface Asset {
  href: string;
  type?: string;
  title?: string;
  description?: string;
  unit?: string;
  "raster:scale"?: number;
  "raster:offset"?: number;
}

export interface StacItem {
  properties: { start_datetime?: string; end_datetime?: string; datetime?: string | null };
  assets: Record<string, Asset>;
  links: { rel: string; href: string; title?: string }[];
}

/** A layer by name, before anything of it is read. */
export interface LayerEntry {
  key: string;
  title: string;
  /** Words with unit and sign. */
  description: string;
  unit: string;
  group: "Displacement" | "Quality" | "Pairs" | "Masks";
  path: string;
  /** Value = scale * stored + offset. */
  scale: number;
  offset: number;
}

/** A raster, or several of one grid computed into one, with its colours. */
export interface Field {
  entry: LayerEntry;
  style: RasterStyle;
  cog: Cog;
  block(level: number, column: number, row: number): Promise<Float32Array>;
  valueAt(easting: number, northing: number, level?: number): Promise<number>;
}

export interface Result {
  job: string;
  stac: StacItem;
  files: ResultFile[];
  layers: LayerEntry[];
  /** Products the result was made from, oldest first. */
  inputs: string[];
}

const groups: [RegExp, LayerEntry["group"]][] = [
  [/mask/, "Masks"],
  [/^(mean_displacement|magnitude)/, "Displacement"],
  [/^(quality|standard_error|vector_coherence|valid_pairs)/, "Quality"],
];

const order = ["mean_displacement_ew", "mean_displacement_ns", "mean_displacement_magnitude", "quality", "standard_error_ew", "standard_error_ns", "vector_coherence", "valid_pairs"];

export async function readResult(job: string): Promise<Result> {
  const { files } = await getJson<{ files: ResultFile[] }>(`jobs/${job}/files`);
  const item = files.filter((file) => file.name.endsWith("stac-item.json")).sort((a, b) => a.name.length - b.name.length)[0];
  if (!item) throw new Error("The result has no list of its layers (stac-item.json): download the files from the job's page, or run the job again.");
  const base = `jobs/${job}/files/`;
  const folder = item.name.slice(0, item.name.length - "stac-item.json".length);
  const stac = await getJson<StacItem>(base + item.name);
  const layers = Object.entries(stac.assets)
    .filter(([, asset]) => asset.type?.startsWith("image/tiff"))
    .map(([key, asset]): LayerEntry => ({
      key,
      title: asset.title ?? key,
      description: asset.description ?? asset.title ?? key,
      unit: asset.unit ?? "",
      group: groups.find(([pattern]) => pattern.test(key))?.[1] ?? "Pairs",
      path: base + folder + asset.href.replace(/^\.\//, ""),
      scale: asset["raster:scale"] ?? 1,
      offset: asset["raster:offset"] ?? 0,
    }));
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  layers.sort((a, b) => rank(a.key) - rank(b.key));
  const inputs = stac.links.filter((link) => link.rel === "derived_from").map((link) => link.title ?? link.href.split("/").at(-1)!);
  return { job, stac, files, layers, inputs };
}

/** Unit and sign as the legend says them. */
export function legendWords(entry: LayerEntry): string {
  const positive = /(East|South|North|West) is positive/.exec(entry.description)?.[0];
  return [entry.unit || (entry.group === "Masks" ? "" : "no unit"), positive].filter(Boolean).join(", ");
}

export async function openField(entry: LayerEntry): Promise<Field> {
  const [cog, style] = await Promise.all([Cog.open(entry.path), fetchStyle(entry.path)]);
  return { entry, style, cog, block: (level, column, row) => cog.block(level, column, row), valueAt: (e, n, level) => cog.valueAt(e, n, level) };
}

/** Values of rasters of one grid, computed pixel by pixel. */
export function combined(entry: LayerEntry, fields: [Field, Field], style: RasterStyle, compute: (a: number, b: number) => number): Field {
  const [first, second] = fields;
  return {
    entry, style, cog: first.cog,
    async block(level, column, row) {
      const [a, b] = await Promise.all([first.block(level, column, row), second.block(level, column, row)]);
      const values = new Float32Array(blockSize * blockSize);
      for (let i = 0; i < values.length; i++) values[i] = compute(a[i]!, b[i]!);
      return values;
    },
    async valueAt(e, n, level) {
      return compute(await first.valueAt(e, n, level), await second.valueAt(e, n, level));
    },
  };
}

/** Motion along a direction, from East-West and North-South (South is positive in the products). */
export function alongStrike(east: Field, south: Field, strikeDegrees: number): Field {
  const [sin, cos] = [Math.sin((strikeDegrees * Math.PI) / 180), Math.cos((strikeDegrees * Math.PI) / 180)];
  const title = `Fault-parallel, strike ${Math.round(strikeDegrees)}\u00b0`;
  const entry: LayerEntry = { ...east.entry, key: "parallel", title, description: `Mean displacement along strike ${Math.round(strikeDegrees)} degrees [m], positive along strike` };
  return combined(entry, [east, south], east.style, (e, s) => e * sin - s * cos);
}

export function difference(first: Field, second: Field, limit?: number): Field {
  const entry: LayerEntry = { ...first.entry, key: `difference-${first.entry.key}`, title: `${first.entry.title}: second minus first`, description: `${first.entry.description}; second job minus first job` };
  // Differences are signed whatever the layers are: they take the colours of a signed one.
  const style = isSigned(first.style) ? first.style : isSigned(second.style) ? second.style : first.style;
  return combined(entry, [first, second], limit ? withLimit(style, limit) : style, (a, b) => b - a);
}

export function sameGrid(a: Cog, b: Cog): boolean {
  return a.epsg === b.epsg && a.width === b.width && a.height === b.height && a.extent.every((edge, i) => Math.abs(edge - b.extent[i]!) < 0.01);
}
