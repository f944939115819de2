import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DrawMode, ResultMap } from "../map/resultMap";
import type { Profile, ProfileAnswer } from "../service/answers";
import { Failure, saveBlob, send, sendJson } from "../service/requests";
import { signed } from "../service/words";
import { Chart } from "./Chart";
import { ErrorNotice, Waiting } from "./notices";

type Line = [number, number][];
type Request = { across: Line } | { trace: unknown };

interface Props {
  job: string;
  map: ResultMap;
  /** Told the strike of what was measured, for the fault-parallel layer. */
  onStrike: (degrees: number) => void;
}

const largestTrace = 1_000_000;

/** Measures the offset across a fault: draw a line over it, or give its trace. */
export function ProfileTool({ job, map, onStrike }: Props) {
  const [mode, setMode] = useState<DrawMode>(null);
  const [request, setRequest] = useState<Request>();
  const [width, setWidth] = useState<number>();
  const [halfLength, setHalfLength] = useState<number>();
  const [spacing, setSpacing] = useState<number>();
  const [answer, setAnswer] = useState<ProfileAnswer>();
  const [chosen, setChosen] = useState(0);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [fields, setFields] = useState<string[]>(["", "", "", ""]);
  const turn = useRef(0);

  const lineOf = (asked: Request | undefined): Line | null => (asked && "across" in asked ? asked.across : null);
  const lengthOf = (line: Line) => Math.hypot(line.at(-1)![0] - line[0]![0], line.at(-1)![1] - line[0]![1]) / 1000;
  const extentKilometres = (map.cog.extent[2] - map.cog.extent[0]) / 1000;
  // Numbers that fit what is there: a swath of a fifth of the line, a small scene smaller profiles.
  const used = (asked: Request) => {
    const line = lineOf(asked);
    const round = (value: number) => Number(value.toPrecision(2));
    return line
      ? { width: width ?? round(Math.min(2, Math.max(0.05, lengthOf(line) / 5))) }
      : { width: width ?? round(Math.min(2, extentKilometres / 10)), halfLength: halfLength ?? round(Math.min(5, extentKilometres / 4)), spacing: spacing ?? round(Math.min(2, extentKilometres / 10)) };
  };

  const measure = async (asked: Request, changes: { width?: number; halfLength?: number; spacing?: number } = {}) => {
    const mine = ++turn.current;
    setRequest(asked);
    setBusy(true);
    setFailure(undefined);
    try {
      const found = await sendJson<ProfileAnswer>("POST", `jobs/${job}/profiles`, { ...asked, parameters: { ...used(asked), ...changes } });
      if (mine !== turn.current) return;
      setAnswer(found);
      setChosen(Math.max(0, found.profiles.findIndex((profile) => profile.problem === null)));
      const first = found.profiles.find((profile) => profile.problem === null);
      if (first) onStrike(first.strikeDegrees);
    } catch (cause) {
      if (mine !== turn.current) return;
      setAnswer(undefined);
      setFailure(cause);
    } finally {
      if (mine === turn.current) setBusy(false);
    }
  };

  const start = (next: DrawMode) => {
    setMode(next);
    map.setModifying(false);
    map.setDrawing(next);
  };

  useEffect(() => {
    map.onDrawn = () => {
      // The click that ends the line must not begin the next one.
      setTimeout(() => {
        start(null);
        map.setModifying(true);
      });
    };
    map.onLine = (line) => {
      const across = mode !== "along" && line.length === 2;
      if (across) setFields(line.flat().map((value) => String(Math.round(value))));
      void measure(across ? { across: line } : { trace: geoJson(line, map.cog.epsg) });
    };
  });

  useEffect(() => {
    // A line through the middle of what is seen: where the keyboard begins.
    const [west, south, east, north] = map.map.getView().calculateExtent(map.map.getSize());
    const middle = ((south ?? 0) + (north ?? 0)) / 2;
    const quarter = ((east ?? 0) - (west ?? 0)) / 4;
    setFields([west! + quarter, middle, east! - quarter, middle].map((value) => String(Math.round(value))));
    return () => {
      map.setDrawing(null);
      map.setModifying(false);
      map.setLine([]);
      map.clearProfiles();
    };
  }, [map]);

  useEffect(() => {
    if (!answer) {
      map.clearProfiles();
      return;
    }

    const profile = answer.profiles[chosen];
    map.setTrace(answer.trace);
    if (profile) map.setSwath(swathLine(profile, answer.halfLengthKilometres), answer.widthKilometres * 1000);
    map.setFeet(answer.profiles.map((one, index) => ({
      place: footOf(one),
      label: one.parallelOffsetMetres === null ? "" : `${signed(one.parallelOffsetMetres)} m`,
      problem: one.problem !== null,
      chosen: index === chosen,
    })));
  }, [answer, chosen, map]);

  const typed = async (event: Event) => {
    event.preventDefault();
    const numbers = fields.map(Number);
    if (numbers.some((value) => !Number.isFinite(value))) {
      setFailure(new Failure("The line needs four numbers: easting and northing of both of its ends, in metres.", 400));
      return;
    }

    const line: Line = [[numbers[0]!, numbers[1]!], [numbers[2]!, numbers[3]!]];
    map.setLine(line);
    map.setModifying(true);
    await measure({ across: line });
  };

  const upload = async (file: File) => {
    start(null);
    map.setLine([]);
    if (file.size > largestTrace) {
      setFailure(new Failure(`${file.name} is larger than ${largestTrace / 1e6} MB: simplify the trace, for example to a point every 100 m.`, 413));
      return;
    }

    await measure({ trace: await file.text() });
  };

  const download = async () => {
    if (!request) return;
    try {
      const archive = await send(`jobs/${job}/profiles`, { method: "POST", body: JSON.stringify({ ...request, parameters: used(request) }), headers: { "Content-Type": "application/json", Accept: "application/zip" } });
      saveBlob(await archive.blob(), "profiles.zip");
    } catch (cause) {
      setFailure(cause);
    }
  };

  const shown = request ? used(request) : undefined;
  const again = (changes: { width?: number; halfLength?: number; spacing?: number }) => request && void measure(request, changes);
  return (
    <section class="tool" aria-labelledby="profile-title">
      <h2 id="profile-title">Measure the offset</h2>
      <div class="row">
        <button type="button" class={request ? "" : "primary"} aria-pressed={mode === "across"} onClick={() => start(mode === "across" ? null : "across")}>Draw across the fault</button>
        <button type="button" aria-pressed={mode === "along"} onClick={() => start(mode === "along" ? null : "along")}>Draw along it</button>
        <label class="button">Load a trace
          <input type="file" class="hidden" accept=".geojson,.json,.kml,application/geo+json,application/vnd.google-earth.kml+xml" onChange={async (event) => { const field = event.currentTarget; const file = field.files?.[0]; if (file) await upload(file); field.value = ""; }} />
        </label>
      </div>
      <p class="help" role="status">
        {mode === "across" ? "Click on one side of the fault, then on the other." : mode === "along" ? "Click along the fault; a double click ends the line." : request ? "Drag an end of the line to change it." : "Two clicks on the map, one on each side of the fault, give a profile with its offset."}
      </p>
      <details>
        <summary>By coordinates</summary>
        <form class="coordinates" onSubmit={typed}>
          {["Start, easting", "Start, northing", "End, easting", "End, northing"].map((label, i) => (
            <label key={label}>{label} [m]<input inputMode="numeric" value={fields[i]} onInput={(event) => setFields(fields.map((old, at) => (at === i ? event.currentTarget.value : old)))} /></label>
          ))}
          <button type="submit">Measure this line</button>
        </form>
      </details>
      {shown && (
        <div class="sliders">
          <Slider label="Width of the swath" value={shown.width} least={0.05} most={Math.max(2, extentKilometres / 4)} set={(value) => { setWidth(value); again({ width: value }); }} />
          {shown.halfLength !== undefined && <Slider label="Length to each side" value={shown.halfLength} least={0.2} most={Math.max(5, extentKilometres / 2)} set={(value) => { setHalfLength(value); again({ halfLength: value }); }} />}
          {shown.spacing !== undefined && <Slider label="Distance of profiles" value={shown.spacing} least={0.05} most={Math.max(2, extentKilometres / 4)} set={(value) => { setSpacing(value); again({ spacing: value }); }} />}
        </div>
      )}
      {busy && <Waiting>Measuring</Waiting>}
      <ErrorNotice error={failure} retry={failure instanceof Failure && failure.isUnreachable && request ? () => measure(request) : undefined} />
      {answer && <Measured answer={answer} chosen={chosen} choose={setChosen} download={download} />}
    </section>
  );
}

function Slider({ label, value, least, most, set }: { label: string; value: number; least: number; most: number; set: (value: number) => void }) {
  return (
    <label>{label}: {value} km
      <input type="range" min={least} max={Number(most.toPrecision(2))} step={0.05} value={value} onChange={(event) => set(event.currentTarget.valueAsNumber)} />
    </label>
  );
}

function Measured({ answer, chosen, choose, download }: { answer: ProfileAnswer; chosen: number; choose: (index: number) => void; download: () => void }) {
  const profile = answer.profiles[chosen];
  const blue = useMemo(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "#6db6ff" : "#005fa0"), []);
  const orange = useMemo(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "#f0a355" : "#c25e00"), []);
  const profileX = useMemo(() => profile?.samples.map((sample) => sample.acrossMetres / 1000) ?? [], [profile]);
  const profileSeries = useMemo(() => profile && [
    { label: "parallel", values: profile.samples.map((s) => s.parallelMetres), colour: blue, kind: "points" as const },
    { label: "parallel, fit", values: profile.samples.map((s) => s.parallelFitMetres), colour: blue, kind: "line" as const },
    { label: "normal", values: profile.samples.map((s) => s.normalMetres), colour: orange, kind: "points" as const },
    { label: "normal, fit", values: profile.samples.map((s) => s.normalFitMetres), colour: orange, kind: "line" as const },
  ], [profile]);
  const alongX = useMemo(() => answer.profiles.map((one) => one.alongMetres / 1000), [answer]);
  const alongSeries = useMemo(() => [{ label: "fault-parallel offset", values: answer.profiles.map((one) => one.parallelOffsetMetres), colour: blue, kind: "both" as const }], [answer]);
  const alongErrors = useMemo(() => answer.profiles.map((one) => one.parallelSigmaMetres), [answer]);
  if (!profile) return null;
  const offset = profile.parallelOffsetMetres;
  return (
    <>
      {offset === null ? <p class="help">{profile.problem}</p> : (
        <div class="offset" aria-live="polite">
          <div>
            <output class="big" data-offset={offset} data-sigma={profile.parallelSigmaMetres ?? ""}>{signed(offset)} {"\u00b1"} {profile.parallelSigmaMetres?.toFixed(2)} m</output>
            <span>along the fault (strike {Math.round(profile.strikeDegrees)}{"\u00b0"}): {Math.abs(offset) < 2 * (profile.parallelSigmaMetres ?? 0) ? "not larger than its error" : offset > 0 ? "left-lateral" : "right-lateral"}</span>
          </div>
          <div>
            <output class="big">{signed(profile.normalOffsetMetres ?? 0)} {"\u00b1"} {profile.normalSigmaMetres?.toFixed(2)} m</output>
            <span>across it: {Math.abs(profile.normalOffsetMetres ?? 0) < 2 * (profile.normalSigmaMetres ?? 0) ? "not larger than its error" : (profile.normalOffsetMetres ?? 0) > 0 ? "opening" : "closing"}</span>
          </div>
        </div>
      )}
      <Chart
        title={answer.profiles.length > 1 ? `Profile ${profile.number} at ${(profile.alongMetres / 1000).toFixed(1)} km` : "Profile across the fault"} x={profileX} xLabel="Distance across the fault [km]"
        yLabel="Displacement [m]" series={profileSeries!} summary={`Displacement along and across the fault by distance from it. Offset ${offset === null ? "unknown" : `${signed(offset)} metres`}.`}
      />
      {answer.profiles.length > 1 && (
        <>
          <Chart title="Slip along the fault" x={alongX} xLabel="Distance along the trace [km]" yLabel="Offset [m], left-lateral +" series={alongSeries} errors={alongErrors} summary="Fault-parallel offset with its error by distance along the fault; the table below has the numbers." />
          <div class="scroll" tabIndex={0} role="region" aria-label="Offsets by profile">
            <table>
              <thead><tr><th>Profile</th><th class="number">km</th><th class="number">parallel [m]</th><th class="number">normal [m]</th></tr></thead>
              <tbody>
                {answer.profiles.map((one, index) => (
                  <tr key={one.number} class={index === chosen ? "changed" : ""}>
                    <td><button type="button" class="small" aria-pressed={index === chosen} onClick={() => choose(index)}>{one.number}</button></td>
                    <td class="number">{(one.alongMetres / 1000).toFixed(1)}</td>
                    {one.problem ? <td colSpan={2}>{one.problem}</td> : (
                      <>
                        <td class="number">{signed(one.parallelOffsetMetres!)} {"\u00b1"} {one.parallelSigmaMetres!.toFixed(2)}</td>
                        <td class="number">{signed(one.normalOffsetMetres!)} {"\u00b1"} {one.normalSigmaMetres!.toFixed(2)}</td>
                      </>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      <p class="help">Right side minus left side of the direction of strike; {"\u00b1"} is one standard error. Left-lateral and opening are positive.</p>
      <p><button type="button" onClick={download}>Download tables and charts</button></p>
    </>
  );
}

function geoJson(line: Line, epsg: number): unknown {
  return { type: "LineString", coordinates: line, crs: { type: "name", properties: { name: `urn:ogc:def:crs:EPSG::${epsg}` } } };
}

/** Where the fit found the fault. */
function footOf(profile: Profile): [number, number] {
  return along(profile, profile.faultAcrossMetres ?? 0);
}

function swathLine(profile: Profile, halfLengthKilometres: number): Line {
  return [along(profile, -1000 * halfLengthKilometres), along(profile, 1000 * halfLengthKilometres)];
}

/** A place at a distance to the right of the trace. */
function along(profile: Profile, acrossMetres: number): [number, number] {
  const right = ((profile.strikeDegrees + 90) * Math.PI) / 180;
  return [profile.easting + acrossMetres * Math.sin(right), profile.northing + acrossMetres * Math.cos(right)];
}
