import type { Product } from "../service/answers";
import { day } from "../service/words";
import type { Choice } from "./choice";

/** All products in the order of time; a mark for each, filled once it is chosen, and a line at the earthquake. */
export function Timeline({ products, choice, split, pick }: { products: Product[]; choice: Choice; split: string | null; pick: (product: Product) => void }) {
  const times = products.map((product) => Date.parse(product.datetime));
  const event = split ? Date.parse(split) : NaN;
  const all = Number.isNaN(event) ? times : [...times, event];
  const [from, to] = [Math.min(...all), Math.max(...all)];
  const place = (time: number) => (to > from ? 4 + (92 * (time - from)) / (to - from) : 50);
  return (
    <div class="timeline" role="group" aria-label="Products in time">
      <div class="axis" />
      {!Number.isNaN(event) && (
        <div class="event" ref={(element) => element?.style.setProperty("--at", String(place(event)))}><span>earthquake</span></div>
      )}
      {products.map((product, index) => {
        const side = choice.sideOf(product.name);
        return (
          <button
            key={product.name} type="button" class={`tick ${side ?? ""}`} aria-pressed={side !== null} title={product.name}
            ref={(element) => {
              element?.style.setProperty("--at", String(place(times[index]!)));
              element?.style.setProperty("--lane", String(index % 2));
            }}
            onClick={() => pick(product)}
          >
            <span class="dot" aria-hidden="true" />
            <span class="when">{day(product.datetime).slice(5)}</span>
            <span class="hidden">{day(product.datetime)}, {product.tile}{side ? `, chosen as ${side}` : ", not chosen"}</span>
          </button>
        );
      })}
      <div class="ends"><span>{day(new Date(from).toISOString())}</span><span>{day(new Date(to).toISOString())}</span></div>
    </div>
  );
}
