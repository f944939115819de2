import type { LayerEntry } from "../map/field";
import { legendWords } from "../map/field";
import { css, type RasterStyle } from "../map/style";

/** What the colours mean: ends, zero, unit, sign, and how no value looks. */
export function Legend({ entry, style, setLimit }: { entry: LayerEntry; style: RasterStyle; setLimit?: (limit: number) => void }) {
  const words = legendWords(entry);
  return (
    <div class="legend" role="group" aria-label={`Legend of ${entry.title}`}>
      <strong>{entry.title}</strong>
      {style.kind === "ramp" ? (
        <>
          <div class="ramp" style={{ background: `linear-gradient(to right, ${style.stops.map(css).join(", ")})` }} />
          <div class="ends">
            <span>{number(style.minimum * entry.scale + entry.offset, style.minimum < 0)}</span>
            {style.minimum < 0 && <span>0</span>}
            <span>{number(style.maximum * entry.scale + entry.offset, style.minimum < 0)}</span>
          </div>
          <div class="words"><span>{words}</span> <span class="swatch nothing">no value</span></div>
          {setLimit && (
            <label class="limit">Colours up to {style.minimum < 0 && "\u00b1"}
              <input type="number" min="0.01" step="any" value={Number(style.maximum.toPrecision(3))} onChange={(event) => { const limit = event.currentTarget.valueAsNumber; if (limit > 0) setLimit(limit); }} />
              {entry.unit}
            </label>
          )}
        </>
      ) : (
        <ul class="classes">
          {style.classes.map((one) => <li key={one.value}><span class="swatch"><i style={{ background: css(one.colour) }} />{one.label}{one.colour[3] === 0 && " (not coloured)"}</span></li>)}
        </ul>
      )}
    </div>
  );
}

function number(value: number, signed: boolean): string {
  const text = Math.abs(value).toPrecision(3).replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
  return value < 0 ? `\u2212${text}` : signed && value > 0 ? `+${text}` : text;
}
