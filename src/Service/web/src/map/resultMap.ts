// The map of a result in its own UTM zone.
import Feature, { type FeatureLike } from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import { ScaleLine, defaults as controls } from "ol/control";
import type { Coordinate } from "ol/coordinate";
import { LineString, Point, Polygon, type Geometry } from "ol/geom";
import { Draw, Modify, defaults as interactions } from "ol/interaction";
import ImageLayer from "ol/layer/Image";
import TileLayer from "ol/layer/Tile";
import VectorLayer from "ol/layer/Vector";
import { get as getProjection } from "ol/proj";
import { register } from "ol/proj/proj4";
import { getRenderPixel } from "ol/render";
import type RenderEvent from "ol/render/Event";
import ImageStatic from "ol/source/ImageStatic";
import ImageTile from "ol/source/ImageTile";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import TileGrid from "ol/tilegrid/TileGrid";
import proj4 from "proj4";
import { blockSize, type Cog } from "./cog";
import type { Field } from "./field";
import { paint, type RasterStyle } from "./style";

/** UTM on WGS 84, which all Sentinel-2 tiles use; null for another reference system. */
export function utm(epsg: number): string | null {
  const zone = epsg % 100;
  const isNorth = epsg > 32600 && epsg <= 32660;
  if (!isNorth && !(epsg > 32700 && epsg <= 32760)) return null;
  return `+proj=utm +zone=${zone}${isNorth ? "" : " +south"} +datum=WGS84 +units=m +no_defs`;
}

export function toDegrees(epsg: number, [easting, northing]: Coordinate): [number, number] | null {
  const definition = utm(epsg);
  return definition ? (proj4(definition, "WGS84", [easting!, northing!]) as [number, number]) : null;
}

export function toMetres(epsg: number, place: [number, number]): [number, number] {
  return proj4("WGS84", utm(epsg)!, place) as [number, number];
}

export type DrawMode = "across" | "along" | null;

const halo = new Stroke({ color: "#ffffffd9", width: 6 });
const ink = new Stroke({ color: "#111820", width: 2.5 });
const lineStyles = [new Style({ stroke: halo }), new Style({ stroke: ink })];
const swathStyle = new Style({ stroke: new Stroke({ color: "#111820", width: 1.2, lineDash: [5, 4] }), fill: new Fill({ color: "#ffffff22" }) });

function label(feature: FeatureLike): Style[] {
  const text = String(feature.get("label") ?? "");
  return [new Style({
    image: new Circle({ radius: feature.get("chosen") ? 7 : 5, fill: new Fill({ color: feature.get("problem") ? "#9aa4ad" : "#ffd23f" }), stroke: new Stroke({ color: "#111820", width: 1.5 }) }),
    text: text ? new Text({ text, font: "600 12px system-ui, sans-serif", offsetY: -15, fill: new Fill({ color: "#111820" }), stroke: new Stroke({ color: "#ffffff", width: 3.5 }) }) : undefined,
  })];
}

function arrowStyles(feature: FeatureLike): Style[] {
  const shaft = feature.getGeometry() as LineString;
  return [new Style({ geometry: shaft, stroke: new Stroke({ color: "#ffffffcc", width: 4 }) }), new Style({ geometry: shaft, stroke: new Stroke({ color: "#111820", width: 1.8 }) })];
}

export class ResultMap {
  readonly map: OlMap;
  private readonly projection;
  private readonly rasters: [TileLayer, TileLayer];
  private readonly picture = new ImageLayer<ImageStatic>({ visible: false });
  private readonly arrows = new VectorSource();
  private readonly drawn = new VectorSource<Feature<Geometry>>();
  private readonly swath = new VectorSource();
  private readonly trace = new VectorSource();
  private readonly feet = new VectorSource();
  private readonly epsg: number;
  private draw: Draw | null = null;
  private modify: Modify | null = null;
  private swipe = 1;
  private pictureOnRight = false;
  onLine: (line: [number, number][]) => void = () => undefined;
  onTileError: (error: unknown) => void = () => undefined;
  onDrawn: () => void = () => undefined;

  /** @param view Shared by maps that stand side by side. */
  constructor(target: HTMLElement, readonly cog: Cog, view?: View) {
    this.epsg = cog.epsg;
    const code = `EPSG:${cog.epsg || 0}`;
    const definition = utm(cog.epsg);
    if (definition && !proj4.defs(code)) {
      proj4.defs(code, definition);
      register(proj4);
    }

    this.projection = getProjection(code) ?? undefined;
    const layer = (zIndex: number) => new TileLayer({ visible: false, zIndex, preload: 0, extent: cog.extent });
    this.rasters = [layer(2), layer(3)];
    const [west, south, east, north] = cog.extent;
    this.map = new OlMap({
      target,
      layers: [
        this.picture, ...this.rasters,
        new VectorLayer({ source: this.arrows, style: arrowStyles, zIndex: 4 }),
        new VectorLayer({ source: this.swath, style: swathStyle, zIndex: 5 }),
        new VectorLayer({ source: this.trace, style: lineStyles, zIndex: 6 }),
        new VectorLayer({ source: this.drawn, style: lineStyles, zIndex: 7 }),
        new VectorLayer({ source: this.feet, style: label, zIndex: 8 }),
      ],
      controls: controls({ rotate: false, attribution: false }).extend([new ScaleLine({ units: "metric", minWidth: 80 })]),
      interactions: interactions({ altShiftDragRotate: false, pinchRotate: false, doubleClickZoom: false }),
      view: view ?? new View({ projection: this.projection, center: [(west + east) / 2, (south + north) / 2], resolution: 1, extent: grown(cog.extent), showFullExtent: true, constrainOnlyCenter: true, minResolution: cog.resolutions.at(-1)! / 16 }),
    });
    if (!view) this.fit();
    for (const [index, raster] of this.rasters.entries()) {
      raster.on("prerender", (event) => this.clip(event, index === 1 || this.pictureOnRight === false ? index : -1));
      raster.on("postrender", (event) => (event.context as CanvasRenderingContext2D).restore());
    }

    this.picture.on("prerender", (event) => this.clip(event, this.pictureOnRight ? 1 : -1));
    this.picture.on("postrender", (event) => (event.context as CanvasRenderingContext2D).restore());
  }

  fit(): void {
    this.map.getView().fit(this.cog.extent, { size: this.map.getSize(), padding: [12, 12, 12, 12] });
  }

  dispose(): void {
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  /** @param side 0: the layer itself; 1: what the swipe shows to the right of its edge. */
  show(side: 0 | 1, field: Field | null, style: RasterStyle | null, opacity = 1): void {
    const layer = this.rasters[side];
    layer.setVisible(field !== null);
    layer.setOpacity(opacity);
    if (!field || !style) return;
    // Masks have pixels of 20 m: every layer has a grid of its own.
    const { extent, resolutions } = field.cog;
    const tileGrid = new TileGrid({ extent, origin: [extent[0], extent[3]], resolutions, tileSize: blockSize });
    layer.setSource(new ImageTile({
      projection: this.projection,
      tileGrid,
      interpolate: false,
      transition: 0,
      wrapX: false,
      loader: async (z, x, y) => {
        try {
          const values = await field.block(z, x, y);
          const image = new ImageData(blockSize, blockSize);
          paint(style, values, image.data);
          return await createImageBitmap(image);
        } catch (cause) {
          this.onTileError(cause);
          throw cause;
        }
      },
    }));
  }

  setOpacity(side: 0 | 1, opacity: number): void {
    this.rasters[side].setOpacity(opacity);
  }

  /** Where the swipe's edge stands, 0 (left) to 1 (right: no swipe). */
  setSwipe(part: number): void {
    this.swipe = part;
    this.map.render();
  }

  private clip(event: RenderEvent, side: number): void {
    const context = event.context as CanvasRenderingContext2D;
    context.save();
    const [width, height] = this.map.getSize() ?? [0, 0];
    if (side < 0 || this.swipe >= 1) return;
    const [from, to] = side === 0 ? [0, width! * this.swipe] : [width! * this.swipe, width!];
    const corners = ([[from, 0], [to, 0], [to, height!], [from, height!]] as [number, number][]).map((corner) => getRenderPixel(event, corner));
    context.beginPath();
    corners.forEach(([x, y], i) => (i === 0 ? context.moveTo(x!, y!) : context.lineTo(x!, y!)));
    context.closePath();
    context.clip();
  }

  /** A picture that covers a rectangle in degrees: under the layers, or on the right of the swipe. */
  setPicture(url: string | null, corners: [number, number][] | null, onRight = false): void {
    this.pictureOnRight = onRight && url !== null;
    this.picture.setZIndex(this.pictureOnRight ? 3 : 1);
    this.picture.setVisible(url !== null);
    if (!url || !corners || !utm(this.epsg)) return;
    const places = corners.map((corner) => toMetres(this.epsg, corner));
    const [xs, ys] = [places.map((p) => p[0]), places.map((p) => p[1])];
    this.picture.setSource(new ImageStatic({ url, projection: this.projection, imageExtent: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], interpolate: true }));
  }

  /** Arrows of the mean displacement, about one in 45 pixels of the screen, each the mean of its neighbourhood. Answers what one of 40 pixels means. */
  async setArrows(fields: { east: Field; south: Field } | null, still: () => boolean): Promise<number> {
    if (!fields) {
      this.arrows.clear();
      return 0;
    }

    const view = this.map.getView();
    const resolution = view.getResolution()!;
    const [left, bottom, right, top] = view.calculateExtent(this.map.getSize());
    const step = 45 * resolution;
    // The level whose pixels are about a quarter of the step: four by four of them make a mean.
    let level = this.cog.levelCount - 1;
    while (level > 0 && this.cog.resolutions[level - 1]! <= step / 4) level--;
    const pixel = this.cog.resolutions[level]!;
    const [west, south, east, north] = this.cog.extent;
    const found: { at: [number, number]; e: number; n: number }[] = [];
    for (let y = Math.floor(Math.max(bottom!, south) / step) * step + step / 2; y < Math.min(top!, north); y += step) {
      for (let x = Math.floor(Math.max(left!, west) / step) * step + step / 2; x < Math.min(right!, east); x += step) {
        let [sumE, sumN, count] = [0, 0, 0];
        for (let i = -1.5; i <= 1.5; i++) {
          for (let j = -1.5; j <= 1.5; j++) {
            const [e, s] = await Promise.all([fields.east.valueAt(x + i * pixel, y + j * pixel, level), fields.south.valueAt(x + i * pixel, y + j * pixel, level)]);
            if (Number.isNaN(e) || Number.isNaN(s)) continue;
            sumE += e;
            sumN -= s;
            count++;
          }
        }

        if (count >= 6) found.push({ at: [x, y], e: sumE / count, n: sumN / count });
      }

      if (!still()) return 0;
    }

    const sorted = found.map((arrow) => Math.hypot(arrow.e, arrow.n)).sort((a, b) => a - b);
    const reference = roundDown(sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 1);
    const length = (40 * resolution) / reference;
    this.arrows.clear();
    this.arrows.addFeatures(found.map(({ at: [x, y], e, n }) => {
      const tip: [number, number] = [x + e * length, y + n * length];
      const size = Math.min(0.35 * Math.hypot(e, n) * length, 9 * resolution);
      const angle = Math.atan2(n, e);
      const barb = (turn: number): [number, number] => [tip[0] - size * Math.cos(angle + turn), tip[1] - size * Math.sin(angle + turn)];
      return new Feature(new LineString([[x, y], tip, barb(0.5), tip, barb(-0.5)]));
    }));
    return reference;
  }

  /** Lets the user draw: two points across the fault, or any number along it. */
  setDrawing(mode: DrawMode): void {
    if (this.draw) this.map.removeInteraction(this.draw);
    if (this.modify) this.map.removeInteraction(this.modify);
    this.draw = this.modify = null;
    if (!mode) return;
    this.draw = new Draw({ source: this.drawn, type: "LineString", maxPoints: mode === "across" ? 2 : undefined, style: lineStyles, stopClick: true });
    this.draw.on("drawstart", () => {
      this.drawn.clear();
      this.clearProfiles();
    });
    this.draw.on("drawend", (event) => {
      this.onDrawn();
      this.onLine((event.feature.getGeometry() as LineString).getCoordinates() as [number, number][]);
    });
    this.map.addInteraction(this.draw);
  }

  /** The ends of the drawn line can be dragged. */
  setModifying(on: boolean): void {
    if (this.modify) this.map.removeInteraction(this.modify);
    this.modify = null;
    if (!on) return;
    this.modify = new Modify({ source: this.drawn, insertVertexCondition: () => false });
    this.modify.on("modifyend", () => {
      const line = this.drawn.getFeatures()[0]?.getGeometry() as LineString | undefined;
      if (line) this.onLine(line.getCoordinates() as [number, number][]);
    });
    this.map.addInteraction(this.modify);
  }

  setLine(line: [number, number][]): void {
    this.drawn.clear();
    if (line.length > 1) this.drawn.addFeature(new Feature<Geometry>(new LineString(line)));
  }

  /** The strip that is stacked into a profile. */
  setSwath(line: [number, number][], widthMetres: number): void {
    this.swath.clear();
    const [a, b] = [line[0], line.at(-1)];
    if (!a || !b) return;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const [x, y] = [(-(b[1] - a[1]) / length) * (widthMetres / 2), ((b[0] - a[0]) / length) * (widthMetres / 2)];
    this.swath.addFeature(new Feature(new Polygon([[[a[0] + x, a[1] + y], [b[0] + x, b[1] + y], [b[0] - x, b[1] - y], [a[0] - x, a[1] - y], [a[0] + x, a[1] + y]]])));
  }

  setTrace(lines: [number, number][][]): void {
    this.trace.clear();
    this.trace.addFeatures(lines.map((line) => new Feature(new LineString(line))));
  }

  setFeet(feet: { place: [number, number]; label: string; problem: boolean; chosen: boolean }[]): void {
    this.feet.clear();
    this.feet.addFeatures(feet.map(({ place, ...properties }) => {
      const foot = new Feature({ geometry: new Point(place) });
      foot.setProperties(properties);
      return foot;
    }));
  }

  clearProfiles(): void {
    this.swath.clear();
    this.trace.clear();
    this.feet.clear();
  }
}

function grown([west, south, east, north]: [number, number, number, number]): [number, number, number, number] {
  const margin = 0.25 * Math.max(east - west, north - south);
  return [west - margin, south - margin, east + margin, north + margin];
}

/** 1, 2 or 5 times a power of ten, not above the value. */
export function roundDown(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (value / power >= 5 ? 5 : value / power >= 2 ? 2 : 1);
}
