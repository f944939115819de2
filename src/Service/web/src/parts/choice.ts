// Which products are chosen and on which side of the earthquake they stand; what speaks against the choice is said at once.
import type { Product } from "../service/answers";
import { day } from "../service/words";

export type Side = "before" | "after";

export interface Objection {
  severe: boolean;
  text: string;
}

const cloudy = 20;

export class Choice {
  constructor(readonly products: Product[], readonly sides: ReadonlyMap<string, Side>) {}

  sideOf(name: string): Side | null {
    return this.sides.get(name) ?? null;
  }

  of(side: Side): Product[] {
    return this.products.filter((product) => this.sides.get(product.name) === side);
  }

  get all(): Product[] {
    return this.products.filter((product) => this.sides.has(product.name));
  }

  with(name: string, side: Side | null): Choice {
    const sides = new Map(this.sides);
    if (side) sides.set(name, side);
    else sides.delete(name);
    return new Choice(this.products, sides);
  }

  /** The day that parts before and after: that of the first image after. */
  get splitDate(): string | null {
    const after = this.of("after").map((product) => day(product.datetime)).sort();
    return after[0] ?? null;
  }

  objections(): Objection[] {
    const found: Objection[] = [];
    const [before, after] = [this.of("before"), this.of("after")];
    const lastBefore = before.map((p) => p.datetime).sort().at(-1);
    const firstAfter = after.map((p) => p.datetime).sort()[0];
    if (lastBefore && firstAfter && day(lastBefore) >= day(firstAfter))
      found.push({ severe: true, text: `An image before (${day(lastBefore)}) is not older than one after (${day(firstAfter)}): exchange them.` });
    const tiles = [...new Set(this.all.map((p) => p.tile))].sort();
    for (const tile of tiles) {
      const images = this.all.filter((p) => p.tile === tile);
      if (images.length > 4) found.push({ severe: true, text: `Tile ${tile} has ${images.length} images: choose at most four of a tile.` });
      if (tiles.length > 1 && (!before.some((p) => p.tile === tile) || !after.some((p) => p.tile === tile)))
        found.push({ severe: true, text: `The tiles are mixed: ${tile} needs an image before and one after of its own, because only images of one tile can be compared.` });
    }

    const orbits = [...new Set(this.all.map((p) => p.relativeOrbit))].sort((a, b) => a - b);
    if (orbits.length > 1)
      found.push({ severe: false, text: `The images were taken from different orbits (${orbits.map((o) => `R${String(o).padStart(3, "0")}`).join(", ")}): relief will look like displacement. Prefer images of one orbit.` });
    for (const product of this.all) {
      if ((product.cloudCoverPercent ?? 0) > cloudy)
        found.push({ severe: false, text: `${day(product.datetime)} is ${Math.round(product.cloudCoverPercent!)} % cloud: the ground under clouds cannot be measured.` });
    }

    return found;
  }

  get isComplete(): boolean {
    return this.of("before").length > 0 && this.of("after").length > 0 && !this.objections().some((objection) => objection.severe);
  }
}
