import View from "ol/View";
import { useEffect, useRef, useState } from "preact/hooks";
import { difference, openField, readResult, sameGrid, type Field, type Result } from "../map/field";
import { ResultMap } from "../map/resultMap";
import { isSigned, withLimit, type RasterStyle } from "../map/style";
import { Legend } from "../parts/Legend";
import { ErrorNotice, Notice, Waiting } from "../parts/notices";
import { useAnswer } from "../parts/useAnswer";
import { go } from "../route";
import type { JobInputs, JobStatus } from "../service/answers";
import { getJson } from "../service/requests";
import { day, minuteOf, signed, spaced, valueText } from "../service/words";

/** Two jobs: what was asked of each, and their maps beside each other or as a difference. */
export function Compare({ first, second }: { first: string; second: string }) {
  const list = useAnswer((signal) => getJson<{ jobs: JobStatus[] }>("jobs?processID=gdm-opt-etq&status=successful&limit=100", signal), []);
  const jobs = list.value?.jobs ?? [];
  const name = (job: JobStatus) => `${job.title || "Displacement map"}, ${minuteOf(job.created)}`;
  const pick = (a: string, b: string) => go(`compare/${a || "-"}/${b || "-"}`);
  const [a, b] = [first === "-" ? "" : first, second === "-" ? "" : second];
  return (
    <>
      <h1>Compare two jobs</h1>
      <ErrorNotice error={list.error} retry={list.reload} />
      {!list.value && !list.error && <Waiting>Reading the jobs</Waiting>}
      {list.value && jobs.length < 2 && <Notice kind="info"><p>There are not two finished jobs yet. <a href="#/">Make a map</a>, then run it again with other parameters.</p></Notice>}
      {jobs.length >= 2 && (
        <div class="row">
          {([["First", a, (job: string) => pick(job, b)], ["Second", b, (job: string) => pick(a, job)]] as const).map(([label, value, set]) => (
            <label key={label} class="grow">{label}
              <select value={value} onChange={(event) => set(event.currentTarget.value)}>
                <option value="">choose</option>
                {jobs.map((job) => <option key={job.jobID} value={job.jobID}>{name(job)}</option>)}
              </select>
            </label>
          ))}
        </div>
      )}
      {a && b && a === b && <Notice kind="warning">Both are the same job: choose another for one side.</Notice>}
      {a && b && a !== b && <Both key={`${a}/${b}`} first={a} second={b} />}
    </>
  );
}

function Both({ first, second }: { first: string; second: string }) {
  const results = useAnswer(() => Promise.all([readResult(first), readResult(second)]), []);
  const inputs = useAnswer((signal) => Promise.all([getJson<JobInputs>(`jobs/${first}/inputs`, signal), getJson<JobInputs>(`jobs/${second}/inputs`, signal)]), []);
  return (
    <>
      <ErrorNotice error={results.error ?? inputs.error} retry={results.reload} />
      {inputs.value && results.value && <Differences inputs={inputs.value} results={results.value} />}
      {results.value ? <Maps results={results.value} /> : !results.error && <Waiting>Reading both results</Waiting>}
    </>
  );
}

function Differences({ inputs, results }: { inputs: [JobInputs, JobInputs]; results: [Result, Result] }) {
  const [one, two] = inputs.map((input) => input.parameters ?? {}) as [Record<string, unknown>, Record<string, unknown>];
  const names = [...new Set([...Object.keys(one), ...Object.keys(two)])].filter((name) => JSON.stringify(one[name]) !== JSON.stringify(two[name])).sort();
  const images = results.map((result) => result.inputs.map((input) => input).sort());
  const sameImages = JSON.stringify(images[0]) === JSON.stringify(images[1]);
  return (
    <section aria-labelledby="differences">
      <h2 id="differences">What differs</h2>
      {names.length === 0 && sameImages && <p>Nothing: the same images and the same parameters.</p>}
      {!(names.length === 0 && sameImages) && (
        <div class="scroll" tabIndex={0} role="region" aria-label="What differs">
          <table>
            <thead><tr><th>Parameter</th><th>First</th><th>Second</th></tr></thead>
            <tbody>
              {!sameImages && <tr><th scope="row">images</th>{images.map((list, i) => <td key={i}>{list.map((image) => <code key={image} class="input">{image} </code>)}</td>)}</tr>}
              {names.map((name) => <tr key={name}><th scope="row">{spaced(name)}</th><td>{valueText(one[name])}</td><td>{valueText(two[name])}</td></tr>)}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Maps({ results }: { results: [Result, Result] }) {
  const shared = results[0].layers.filter((layer) => results[1].layers.some((other) => other.key === layer.key));
  const [key, setKey] = useState(shared[0]?.key ?? "");
  const [mode, setMode] = useState<"beside" | "difference">("beside");
  const [fields, setFields] = useState<[Field, Field]>();
  const [failure, setFailure] = useState<unknown>();
  const [limit, setLimit] = useState<number>();
  const [place, setPlace] = useState<[number, number]>();
  const [words, setWords] = useState("Point at a map to read both values.");
  useEffect(() => {
    let left = false;
    setFailure(undefined);
    setFields(undefined);
    setLimit(undefined);
    const entries = results.map((result) => result.layers.find((layer) => layer.key === key));
    if (entries[0] && entries[1]) Promise.all(entries.map((entry) => openField(entry!))).then((opened) => !left && setFields(opened as [Field, Field]), (cause) => !left && setFailure(cause));
    return () => { left = true; };
  }, [key]);
  const same = fields && sameGrid(fields[0].cog, fields[1].cog);
  const [minus, setMinus] = useState<Field>();
  useEffect(() => {
    setMinus(undefined);
    if (!fields || !same || fields[0].style.kind !== "ramp") return;
    let left = false;
    // Colours up to a quarter of the layer's: differences are smaller than what differs.
    const end = fields[0].style.maximum / 4;
    const made = difference(fields[0], fields[1]);
    if (isSigned(fields[0].style)) setMinus(() => ({ ...made, style: withLimit(made.style, end) }));
    else openField(results[0].layers.find((layer) => layer.key === "mean_displacement_ew") ?? fields[0].entry).then((signedField) => !left && setMinus(() => ({ ...made, style: withLimit(signedField.style, end) })), setFailure);
    return () => { left = true; };
  }, [fields]);

  useEffect(() => {
    if (!place || !fields) return;
    let left = false;
    Promise.all(fields.map((field) => field.valueAt(...place))).then(([a, b]) => {
      if (left) return;
      const text = (value: number) => (Number.isNaN(value) ? "no value" : `${signed(value)} ${fields[0].entry.unit}`);
      setWords(`First ${text(a!)}, second ${text(b!)}, difference ${text(b! - a!)}`);
    }, setFailure);
    return () => { left = true; };
  }, [place, fields]);

  // Both in the first one's colours: the same colour is the same value.
  const style = fields && (limit ? withLimit(fields[0].style, limit) : fields[0].style);
  const minusStyle = minus && (limit ? withLimit(minus.style, limit) : minus.style);
  const dates = (result: Result) => [result.stac.properties.start_datetime, result.stac.properties.end_datetime].filter(Boolean).map((date) => day(date!)).join(" to ");
  return (
    <>
      <div class="row">
        <label>Layer<select value={key} onChange={(event) => setKey(event.currentTarget.value)}>{shared.map((layer) => <option key={layer.key} value={layer.key}>{layer.title}</option>)}</select></label>
        <button type="button" aria-pressed={mode === "beside"} onClick={() => { setLimit(undefined); setMode("beside"); }}>Side by side</button>
        <button type="button" aria-pressed={mode === "difference"} disabled={!minus} onClick={() => { setLimit(undefined); setMode("difference"); }}>Difference</button>
      </div>
      {shared.length === 0 && <Notice kind="info">The two jobs have no layer in common.</Notice>}
      <ErrorNotice error={failure} />
      {fields && !same && <Notice kind="info">The two results do not lie on the same grid, so there is no difference of them; look at them side by side.</Notice>}
      {!fields && !failure && shared.length > 0 && <Waiting>Drawing the maps</Waiting>}
      {fields && style && mode === "beside" && <Pair key={key} fields={fields} style={style} setLimit={setLimit} titles={[`First: ${dates(results[0])}`, `Second: ${dates(results[1])}`]} point={setPlace} />}
      {minus && minusStyle && mode === "difference" && <div class="onemap"><One field={minus} style={minusStyle} title="Second minus first" setLimit={setLimit} point={setPlace} /></div>}
      {fields && <output class="readout">{words}</output>}
    </>
  );
}

function Pair({ fields, style, setLimit, titles, point }: { fields: [Field, Field]; style: RasterStyle; setLimit: (limit: number) => void; titles: [string, string]; point: (place: [number, number]) => void }) {
  const [view, setView] = useState<View>();
  return (
    <div class="twomaps">
      <One field={fields[0]} style={style} title={titles[0]} setLimit={setLimit} point={point} ready={(map) => setView(map.map.getView())} />
      {view && <One field={fields[1]} style={style} title={titles[1]} view={fields[0].cog.epsg === fields[1].cog.epsg ? view : undefined} point={point} />}
    </div>
  );
}

function One({ field, style, title, view, setLimit, point, ready }: { field: Field; style: RasterStyle; title: string; view?: View; setLimit?: (limit: number) => void; point: (place: [number, number]) => void; ready?: (map: ResultMap) => void }) {
  const element = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<ResultMap>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    const made = new ResultMap(element.current!, field.cog, view);
    made.onTileError = setFailure;
    made.map.on("pointermove", (event) => point(event.coordinate as [number, number]));
    made.map.on("click", (event) => point(event.coordinate as [number, number]));
    setMap(made);
    ready?.(made);
    return () => made.dispose();
  }, []);
  useEffect(() => map?.show(0, field, style), [map, field, style]);
  return (
    <div class="stage">
      <h2 class="maptitle">{title}</h2>
      <div class="map" ref={element} tabIndex={0} role="application" aria-label={`Map: ${title}. Arrow keys move it, plus and minus zoom`} />
      <ErrorNotice error={failure} />
      {setLimit && <div class="under"><Legend entry={field.entry} style={style} setLimit={setLimit} /></div>}
    </div>
  );
}
