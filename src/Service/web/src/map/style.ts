// Colours of a raster: read from the style file that lies beside it, so that map, preview and QGIS show the same.
import { send } from "../service/requests";

export type Rgba = [number, number, number, number];

export interface CodeStyle {
  kind: "codes";
  /** A flag raster colours a value by the first class whose upper end reaches it. */
  isDiscrete: boolean;
  classes: { value: number; label: string; colour: Rgba }[];
}

export interface RampStyle {
  kind: "ramp";
  /** From the lower to the upper end, evenly spaced. */
  stops: Rgba[];
  minimum: number;
  maximum: number;
}

export type RasterStyle = CodeStyle | RampStyle;

function colour(hex: string, alpha: string | null): Rgba {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).concat(Number(alpha ?? 255)) as Rgba;
}

export function readStyle(text: string): RasterStyle {
  const document = new DOMParser().parseFromString(text, "application/xml");
  const entries = [...document.querySelectorAll("paletteEntry")];
  const isDiscrete = document.querySelector("colorrampshader")?.getAttribute("colorRampType") === "DISCRETE";
  const items = [...document.querySelectorAll("colorrampshader > item")];
  const read = (element: Element) => ({
    value: Number(element.getAttribute("value")),
    label: element.getAttribute("label") ?? "",
    colour: colour(element.getAttribute("color") ?? "#888888", element.getAttribute("alpha")),
  });
  if (entries.length > 0) return { kind: "codes", isDiscrete: false, classes: entries.map(read) };
  if (isDiscrete) return { kind: "codes", isDiscrete: true, classes: items.map(read) };
  const stops = items.map(read);
  if (stops.length < 2) throw new Error("The style file of this raster holds no colours: download the raster and look at it in a GIS.");
  return { kind: "ramp", stops: stops.map((stop) => stop.colour), minimum: stops[0]!.value, maximum: stops.at(-1)!.value };
}

export async function fetchStyle(rasterPath: string): Promise<RasterStyle> {
  return readStyle(await (await send(rasterPath.replace(/\.tif$/, ".qml"))).text());
}

/** A ramp about zero is the one for signed values. */
export function isSigned(style: RasterStyle): boolean {
  return style.kind === "ramp" && style.minimum < 0 && Math.abs(style.minimum + style.maximum) < 1e-6 * style.maximum;
}

/** The same colours up to another end. */
export function withLimit(style: RasterStyle, limit: number): RasterStyle {
  return style.kind === "ramp" ? { ...style, minimum: isSigned(style) ? -limit : style.minimum, maximum: limit } : style;
}

const levels = 512;

/** Colours one block of values. */
export function paint(style: RasterStyle, values: Float32Array, pixels: Uint8ClampedArray): void {
  if (style.kind === "codes") {
    const known = new Map<number, Rgba | undefined>();
    const find = (value: number) => (style.isDiscrete ? style.classes.find((c) => value <= c.value) : style.classes.find((c) => c.value === value))?.colour;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      if (!known.has(value)) known.set(value, find(value));
      const found = known.get(value);
      if (found) pixels.set(found, 4 * i);
    }

    return;
  }

  const table = rampTable(style);
  const scale = (levels - 1) / (style.maximum - style.minimum);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const at = 4 * Math.max(0, Math.min(levels - 1, Math.round((value - style.minimum) * scale)));
    pixels[4 * i] = table[at]!;
    pixels[4 * i + 1] = table[at + 1]!;
    pixels[4 * i + 2] = table[at + 2]!;
    pixels[4 * i + 3] = table[at + 3]!;
  }
}

function rampTable(style: RampStyle): Uint8ClampedArray {
  const table = new Uint8ClampedArray(4 * levels);
  for (let i = 0; i < levels; i++) {
    const position = (i / (levels - 1)) * (style.stops.length - 1);
    const below = Math.min(Math.floor(position), style.stops.length - 2);
    const part = position - below;
    for (let c = 0; c < 4; c++) table[4 * i + c] = Math.round(style.stops[below]![c]! + part * (style.stops[below + 1]![c]! - style.stops[below]![c]!));
  }

  return table;
}

export function css([red, green, blue, alpha]: Rgba): string {
  return `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
}
