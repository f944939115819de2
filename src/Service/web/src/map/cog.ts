// Cloud-optimised GeoTIFFs read by range requests: only the blocks and overviews that are looked at come over the wire.
import { fromUrl, type GeoTIFFImage } from "geotiff";
import { address, Failure, signInHeaders } from "../service/requests";

/** Side of the blocks that the products are stored in, pixels. */
export const blockSize = 512;

const keptBlocks = 160;

export class Cog {
  private readonly blocks = new Map<string, Promise<Float32Array>>();

  private constructor(
    readonly path: string,
    /** From the coarsest overview to full resolution. */
    private readonly levels: GeoTIFFImage[],
    /** West, south, east, north, metres. */
    readonly extent: [number, number, number, number],
    /** Metres per pixel of each level. */
    readonly resolutions: number[],
    readonly epsg: number,
    private readonly noData: number | null,
  ) {}

  static async open(path: string): Promise<Cog> {
    try {
      const file = await fromUrl(address(path), { headers: signInHeaders(), allowFullFile: false });
      const levels: GeoTIFFImage[] = [];
      for (let i = 0; i < (await file.getImageCount()); i++) {
        const image = await file.getImage(i);
        // Bit 4 of the subfile type marks a mask.
        if (((image.fileDirectory as { NewSubfileType?: number }).NewSubfileType ?? 0) & 4) continue;
        levels.push(image);
      }

      levels.sort((a, b) => a.getWidth() - b.getWidth());
      const full = levels.at(-1)!;
      const [west, south, east, north] = full.getBoundingBox() as [number, number, number, number];
      const epsg = Number((full.getGeoKeys() as { ProjectedCSTypeGeoKey?: number })?.ProjectedCSTypeGeoKey ?? 0);
      return new Cog(path, levels, [west, south, east, north], levels.map((level) => (east - west) / level.getWidth()), epsg, full.getGDALNoData());
    } catch (cause) {
      throw new Failure(`The raster ${path.split("/").at(-1)} cannot be read in parts from the service: try again, or download the file. (${(cause as Error).message})`, 0);
    }
  }

  get width(): number {
    return this.levels.at(-1)!.getWidth();
  }

  get height(): number {
    return this.levels.at(-1)!.getHeight();
  }

  get levelCount(): number {
    return this.levels.length;
  }

  /** Values of one block, row by row; NaN where there is none or the raster has ended. */
  block(level: number, column: number, row: number): Promise<Float32Array> {
    const key = `${level}/${column}/${row}`;
    let found = this.blocks.get(key);
    if (found) {
      this.blocks.delete(key);
    } else {
      found = this.read(level, column, row);
      found.catch(() => this.blocks.delete(key));
    }

    // The newest stands last, so that the first is the one to leave.
    this.blocks.set(key, found);
    if (this.blocks.size > keptBlocks) this.blocks.delete(this.blocks.keys().next().value!);
    return found;
  }

  private async read(level: number, column: number, row: number): Promise<Float32Array> {
    const image = this.levels[level]!;
    const values = new Float32Array(blockSize * blockSize).fill(NaN);
    const [left, top] = [column * blockSize, row * blockSize];
    const [right, bottom] = [Math.min(left + blockSize, image.getWidth()), Math.min(top + blockSize, image.getHeight())];
    if (left < 0 || top < 0 || right <= left || bottom <= top) return values;
    const [band] = (await image.readRasters({ window: [left, top, right, bottom], samples: [0], interleave: false })) as unknown as ArrayLike<number>[];
    const width = right - left;
    for (let y = 0; y < bottom - top; y++) {
      for (let x = 0; x < width; x++) {
        const value = band![y * width + x]!;
        if (value !== this.noData) values[y * blockSize + x] = value;
      }
    }

    return values;
  }

  /** The value at a place; NaN where there is none. */
  async valueAt(easting: number, northing: number, level = this.levels.length - 1): Promise<number> {
    const [west, , , north] = this.extent;
    const x = Math.floor((easting - west) / this.resolutions[level]!);
    const y = Math.floor((north - northing) / this.resolutions[level]!);
    const image = this.levels[level]!;
    if (x < 0 || y < 0 || x >= image.getWidth() || y >= image.getHeight()) return NaN;
    const [column, row] = [Math.floor(x / blockSize), Math.floor(y / blockSize)];
    return (await this.block(level, column, row))[(y - row * blockSize) * blockSize + (x - column * blockSize)]!;
  }
}
