import { useEffect, useRef, useState } from "preact/hooks";
import { alongStrike, openField, readResult, type Field, type LayerEntry, type Result } from "../map/field";
import { ResultMap, toDegrees } from "../map/resultMap";
import { withLimit } from "../map/style";
import { Legend } from "../parts/Legend";
import { ErrorNotice, Notice, Waiting } from "../parts/notices";
import { ProfileTool } from "../parts/ProfileTool";
import { useAnswer } from "../parts/useAnswer";
import type { JobStatus, Product } from "../service/answers";
import { address, getJson, local, pictureAddress } from "../service/requests";
import { day, signed } from "../service/words";

interface Reading {
  text: string;
  value: number;
  easting: number;
  northing: number;
}

export function MapView({ job }: { job: string }) {
  const result = useAnswer(() => readResult(job), [job]);
  const status = useAnswer((signal) => getJson<JobStatus>(`jobs/${job}`, signal), [job]);
  const title = status.value?.title || "Displacement map";
  return (
    <>
      <div class="head">
        <h1>{title}</h1>
        <a href={`#/jobs/${job}`}>Job, files and parameters</a>
      </div>
      <ErrorNotice error={result.error} retry={result.reload} />
      {!result.value && !result.error && <Waiting>Reading the result</Waiting>}
      {result.value && <ResultView key={job} result={result.value} />}
    </>
  );
}

function ResultView({ result }: { result: Result }) {
  const place = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<ResultMap>();
  const [key, setKey] = useState(result.layers[0]?.key ?? "");
  const [field, setField] = useState<Field>();
  const [limit, setLimit] = useState<number>();
  const [opacity, setOpacity] = useState(1);
  const [other, setOther] = useState("");
  const [otherField, setOtherField] = useState<Field>();
  const [swipe, setSwipe] = useState(0.5);
  const [arrows, setArrows] = useState(false);
  const [arrowMetres, setArrowMetres] = useState(0);
  const [strike, setStrike] = useState<number>();
  const [failure, setFailure] = useState<unknown>();
  const [reading, setReading] = useState<Reading>();
  const fields = useRef(new Map<string, Promise<Field>>());
  const catalogue = useAnswer((signal) => getJson<{ products: Product[] }>("catalogue/products", signal), []);

  const open = (name: string): Promise<Field> => {
    const known = fields.current.get(name);
    if (known) return known;
    const opened = name.startsWith("parallel")
      ? Promise.all([open("mean_displacement_ew"), open("mean_displacement_ns")]).then(([east, south]) => alongStrike(east, south, strike ?? 0))
      : openField(result.layers.find((layer) => layer.key === name)!);
    fields.current.set(name, opened);
    opened.catch(() => fields.current.delete(name));
    return opened;
  };
  const layerName = key === "parallel" ? `parallel-${strike}` : key;
  const images = result.inputs.map((name) => catalogue.value?.products.find((product) => product.name === name.replace(/\.SAFE$|\.zip$/g, ""))).filter((product): product is Product => product !== undefined);

  useEffect(() => {
    let left = false;
    setFailure(undefined);
    setLimit(undefined);
    if (key) open(layerName).then((opened) => !left && setField(() => opened), (cause) => !left && setFailure(cause));
    return () => { left = true; };
  }, [layerName]);

  useEffect(() => {
    if (!field || map || !place.current) return;
    const made = new ResultMap(place.current, field.cog);
    made.onTileError = setFailure;
    setMap(made);
    return undefined;
  }, [field]);
  useEffect(() => () => map?.dispose(), [map]);

  const style = field && (limit ? withLimit(field.style, limit) : field.style);
  useEffect(() => {
    if (map && field && style) map.show(0, field, style, opacity);
  }, [map, field, limit]);
  useEffect(() => map?.setOpacity(0, opacity), [map, opacity]);

  useEffect(() => {
    if (!map) return;
    let left = false;
    setOtherField(undefined);
    const image = images.find((product) => `image:${product.name}` === other);
    const link = image?.links.find((candidate) => candidate.rel === "quicklook")?.href;
    if (image && link) pictureAddress(local(link)).then((url) => !left && map.setPicture(url, image.geometry.coordinates[0]!, true), setFailure);
    else map.setPicture(null, null);
    if (other && !other.startsWith("image:")) open(other).then((opened) => {
      if (left) return;
      setOtherField(() => opened);
      map.show(1, opened, opened.style);
    }, setFailure);
    else map.show(1, null, null);
    return () => { left = true; };
  }, [map, other]);
  useEffect(() => map?.setSwipe(other ? swipe : 1), [map, other, swipe]);

  useEffect(() => {
    if (!map) return;
    let turn = 0;
    const draw = async () => {
      const mine = ++turn;
      try {
        const metres = arrows ? await map.setArrows({ east: await open("mean_displacement_ew"), south: await open("mean_displacement_ns") }, () => mine === turn) : await map.setArrows(null, () => true);
        if (mine === turn) setArrowMetres(metres);
      } catch (cause) {
        setFailure(cause);
      }
    };
    void draw();
    if (arrows) map.map.on("moveend", draw);
    return () => {
      turn++;
      map.map.un("moveend", draw);
    };
  }, [map, arrows]);

  useEffect(() => {
    if (!map || !field) return;
    let turn = 0;
    const read = async (coordinate: number[]) => {
      const mine = ++turn;
      const [easting, northing] = [coordinate[0]!, coordinate[1]!];
      try {
        const value = await field.valueAt(easting, northing);
        if (mine !== turn) return;
        const degrees = toDegrees(field.cog.epsg, coordinate);
        const where = `E ${Math.round(easting)} N ${Math.round(northing)} m${degrees ? ` (${degrees[1].toFixed(4)}\u00b0, ${degrees[0].toFixed(4)}\u00b0)` : ""}`;
        setReading({ value, easting, northing, text: `${valueWords(field, value)} at ${where}` });
      } catch (cause) {
        setFailure(cause);
      }
    };
    let waiting = 0;
    const moved = (event: { coordinate: number[]; dragging: boolean }) => {
      if (event.dragging) return;
      clearTimeout(waiting);
      waiting = window.setTimeout(() => void read(event.coordinate), 80);
    };
    const clicked = (event: { coordinate: number[] }) => void read(event.coordinate);
    map.map.on("pointermove", moved);
    map.map.on("click", clicked);
    return () => {
      clearTimeout(waiting);
      map.map.un("pointermove", moved);
      map.map.un("click", clicked);
    };
  }, [map, field]);

  const preview = field && result.files.find((file) => file.name.startsWith("Preview/") && file.name.endsWith(".png") && file.name.includes(field.entry.path.split("/").at(-1)!.replace(/\.tif$/, "")) && !/_(overlay|legend)\.png$/.test(file.name));
  const anyPreview = preview ?? result.files.find((file) => /^Preview\/.*_EW_.*\d\.png$/.test(file.name));
  const dates = [result.stac.properties.start_datetime, result.stac.properties.end_datetime].filter(Boolean).map((date) => day(date!));
  const groups = [...new Set(result.layers.map((layer) => layer.group))];
  const options = (withParallel: boolean) => groups.map((group) => (
    <optgroup key={group} label={group}>
      {result.layers.filter((layer) => layer.group === group).map((layer) => <option key={layer.key} value={layer.key}>{optionWords(layer)}</option>)}
      {withParallel && group === "Displacement" && strike !== undefined && <option value="parallel">Fault-parallel (strike {Math.round(strike)}{"\u00b0"})</option>}
    </optgroup>
  ));

  return (
    <>
      <p class="help">{dates.length === 2 && `${dates[0]} to ${dates[1]}. `}Images: {result.inputs.map((name) => <code key={name} class="input">{name} </code>)}</p>
      {failure && (
        <>
          <ErrorNotice error={failure} retry={() => { setFailure(undefined); fields.current.clear(); setField(undefined); open(layerName).then((opened) => setField(() => opened), setFailure); }} />
          {!map && anyPreview && (
            <figure class="fallback">
              <img src={address(local(anyPreview.href))} alt="Preview of the displacement East-West with its legend" />
              <figcaption>The map cannot be drawn here, so this is the preview that was made with the result.</figcaption>
            </figure>
          )}
        </>
      )}
      <div class="mapview">
        <div class="stage">
          <div class="map" ref={place} tabIndex={0} role="application" aria-label="Map of the result: arrow keys move it, plus and minus zoom" />
          {field && style && <div class="overlay legendbox" tabIndex={style.kind === "codes" ? 0 : undefined}><Legend entry={field.entry} style={style} setLimit={setLimit} /></div>}
          <output class="readout" data-value={reading?.value} data-easting={reading?.easting} data-northing={reading?.northing}>{reading?.text ?? "Point at the map to read a value."}</output>
        </div>
        <div class="side">
          <section aria-label="Layers">
            <label>Layer<select value={key} onChange={(event) => setKey(event.currentTarget.value)}>{options(true)}</select></label>
            <label>Opacity: {Math.round(100 * opacity)} %<input type="range" min="0" max="1" step="0.05" value={opacity} onInput={(event) => setOpacity(event.currentTarget.valueAsNumber)} /></label>
            <label>Swipe against
              <select value={other} onChange={(event) => setOther(event.currentTarget.value)}>
                <option value="">nothing</option>
                {images.length > 0 && <optgroup label="Images">{images.map((product) => <option key={product.name} value={`image:${product.name}`}>Image of {day(product.datetime)}</option>)}</optgroup>}
                {options(false)}
              </select>
            </label>
            {other && <label>Edge of the swipe<input type="range" min="0" max="1" step="0.01" value={swipe} onInput={(event) => setSwipe(event.currentTarget.valueAsNumber)} /></label>}
            {other && otherField && <Legend entry={otherField.entry} style={otherField.style} />}
            <label class="check"><input type="checkbox" checked={arrows} onChange={(event) => setArrows(event.currentTarget.checked)} /> Arrows{arrows && arrowMetres > 0 && <span class="arrowscale"><svg viewBox="0 0 46 12" aria-hidden="true"><path d="M1 6h40m-7-5 7 5-7 5" /></svg> {arrowMetres} m</span>}</label>
            <div class="row"><button type="button" class="small" onClick={() => map?.fit()}>Show everything</button></div>
          </section>
          {map ? <ProfileTool job={result.job} map={map} onStrike={setStrike} /> : !failure && <Waiting>Drawing the map</Waiting>}
          {result.layers.length === 0 && <Notice kind="error">The result lists no rasters: run the job again.</Notice>}
        </div>
      </div>
    </>
  );
}

function optionWords(layer: LayerEntry): string {
  const dates = /(\d{8})_(\d{8})$/.exec(layer.key) ?? /()(\d{8})$/.exec(layer.key);
  const iso = (stamp: string) => `${stamp.slice(0, 4)}-${stamp.slice(4, 6)}-${stamp.slice(6)}`;
  return dates ? `${layer.title}, ${[dates[1], dates[2]].filter((stamp) => stamp).map((stamp) => iso(stamp!)).join(" to ")}` : layer.title;
}

function valueWords(field: Field, stored: number): string {
  if (Number.isNaN(stored)) return `No value of ${field.entry.title.toLowerCase()}`;
  const { style, entry } = field;
  if (style.kind === "codes") {
    const found = style.isDiscrete ? style.classes.find((one) => stored <= one.value) : style.classes.find((one) => one.value === stored);
    return `${found?.label ?? "unknown"} (${stored})`;
  }

  const value = stored * entry.scale + entry.offset;
  return `${style.minimum < 0 ? signed(value) : value.toFixed(2)} ${entry.unit}`.trim();
}
