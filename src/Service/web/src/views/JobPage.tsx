import { useEffect, useState } from "preact/hooks";
import { ErrorNotice, Notice, Waiting } from "../parts/notices";
import { StateBadge } from "../parts/StateBadge";
import { useAnswer } from "../parts/useAnswer";
import { go } from "../route";
import type { JobInputs, JobStatus, ResultFile, Stage } from "../service/answers";
import { follow, isFinal } from "../service/events";
import { address, getJson, local, saveBlob, send, sendJson, signInKey, type Failure } from "../service/requests";
import { bytes, duration, minuteOf, spaced, valueText } from "../service/words";

const stageWords: Record<string, string> = { prepare: "Prepare the images", correlate: "Match the images", aggregate: "Join and correct the pairs", summarise: "Compute the statistics", write: "Write the products", publish: "Publish the results" };

export function JobPage({ job }: { job: string }) {
  const [status, setStatus] = useState<JobStatus>();
  const [trouble, setTrouble] = useState<Failure | null>(null);
  const [failure, setFailure] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    void follow(job, leave.signal, setStatus, setTrouble);
    return () => leave.abort();
  }, [job, turn]);
  const inputs = useAnswer((signal) => getJson<JobInputs>(`jobs/${job}/inputs`, signal), [job]);

  const cancel = async () => {
    try {
      setFailure(undefined);
      await send(`jobs/${job}`, { method: "DELETE" });
      if (isFinal(status)) go("jobs");
    } catch (cause) {
      setFailure(cause);
    }
  };
  const again = async () => {
    try {
      setFailure(undefined);
      const next = await sendJson<JobStatus>("POST", `jobs/${job}/resubmit`, {});
      go(`jobs/${next.jobID}`);
    } catch (cause) {
      setFailure(cause);
    }
  };

  if (!status) return trouble ? <ErrorNotice error={trouble} retry={() => setTurn(turn + 1)} /> : <Waiting>Reading the job</Waiting>;
  const names = inputs.value?.inputs?.products;
  const run = status.started ? (Date.parse(status.finished ?? status.updated ?? status.started) - Date.parse(status.started)) / 1000 : undefined;
  return (
    <>
      <div class="head">
        <h1>{status.title || "Displacement map"}</h1>
        <StateBadge status={status} />
      </div>
      <p class="help">Sent {minuteOf(status.created)}{run !== undefined && `, ${isFinal(status) ? "took" : "running for"} ${duration(run)}`} {"\u00b7"} <code>{job}</code></p>
      {trouble && <ErrorNotice error={trouble} />}
      <ErrorNotice error={failure} />
      {status.status === "failed" && (
        <Notice kind="error"><p><strong>The job failed.</strong> {status.message}</p><p><a href={`#/again/${job}`}>Change its parameters or images</a> and run it again.</p></Notice>
      )}
      {status.status === "dismissed" && <Notice kind="info"><p>The job was cancelled. Nothing that it finished is lost: run again, it goes on from there.</p></Notice>}
      {(status.tilesFailed ?? 0) > 0 && <Notice kind="warning">{status.tilesFailed} pieces could not be matched and are holes in the map.</Notice>}
      <div class="row">
        {status.status === "successful" && <a class="button primary" href={`#/jobs/${job}/map`}>Open the map</a>}
        {!isFinal(status) && <button type="button" onClick={cancel}>Cancel</button>}
        {isFinal(status) && <button type="button" onClick={again}>Run again</button>}
        <a class="button" href={`#/again/${job}`}>Change and run</a>
        <button type="button" disabled={!inputs.value} onClick={() => saveBlob(new Blob([JSON.stringify({ inputs: inputs.value?.inputs ?? {} }, null, 2)], { type: "application/json" }), `gdm-opt-etq-${job}.json`)}>Export parameters</button>
      </div>
      {!isFinal(status) && (
        <section aria-label="Progress">
          <p aria-live="polite">{status.message ?? "waiting"}</p>
          <Progress label="All" done={status.progress ?? 0} total={100} unit="%" />
          {status.stages?.map((stage) => <StageProgress key={stage.name} stage={stage} />)}
        </section>
      )}
      {status.status === "successful" && <Files job={job} />}
      <section aria-labelledby="asked">
        <h2 id="asked">What was asked for</h2>
        <ErrorNotice error={inputs.error} retry={inputs.reload} />
        {Array.isArray(names) && <ul class="names">{names.map((name) => <li key={String(name)}><code>{typeof name === "string" ? name : valueText((name as { href?: string }).href)}</code></li>)}</ul>}
        {inputs.value?.parameters && <ParameterTable inputs={inputs.value} />}
      </section>
    </>
  );
}

function StageProgress({ stage }: { stage: Stage }) {
  return <Progress label={stageWords[stage.name] ?? stage.name} done={stage.done} total={stage.total} failed={stage.failed} />;
}

function Progress({ label, done, total, failed = 0, unit = "" }: { label: string; done: number; total: number; failed?: number; unit?: string }) {
  return (
    <label class="progress">
      <span>{label}</span>
      <progress value={done} max={Math.max(1, total)} />
      <span>{unit ? `${done} ${unit}` : `${done} of ${total}`}{failed > 0 && `, ${failed} failed`}</span>
    </label>
  );
}

/** All parameters, the changed ones first. */
function ParameterTable({ inputs }: { inputs: JobInputs }) {
  const asked = new Set(Object.keys(inputs.inputs ?? {}));
  const flat = Object.entries(inputs.parameters!);
  const rows = [...flat.filter(([name]) => asked.has(name)), ...flat.filter(([name]) => !asked.has(name))];
  return (
    <details>
      <summary>All parameters <span class="count">{flat.filter(([name]) => asked.has(name)).length} given</span></summary>
      <table class="pairs">
        <tbody>{rows.map(([name, value]) => <tr key={name} class={asked.has(name) ? "changed" : ""}><th scope="row">{spaced(name)}</th><td>{valueText(value)}</td></tr>)}</tbody>
      </table>
    </details>
  );
}

function Files({ job }: { job: string }) {
  const files = useAnswer((signal) => getJson<{ files: ResultFile[]; bytes: number }>(`jobs/${job}/files`, signal), [job]);
  const groups = new Map<string, ResultFile[]>();
  for (const file of files.value?.files ?? []) {
    const folder = file.name.includes("/") ? file.name.slice(0, file.name.lastIndexOf("/")) : "Documents";
    groups.set(folder, [...(groups.get(folder) ?? []), file]);
  }

  return (
    <section aria-labelledby="files">
      <h2 id="files">Files</h2>
      <ErrorNotice error={files.error} retry={files.reload} />
      {files.value && (
        <p><DownloadLink path={`jobs/${job}/archive.zip`} name={`gdm-opt-etq-${job}.zip`} button>Download everything ({bytes(files.value.bytes)})</DownloadLink></p>
      )}
      {[...groups].map(([folder, entries]) => (
        <details key={folder} open={folder === "Analysis"}>
          <summary>{folder} <span class="count">{entries.length} files</span></summary>
          <ul class="files">
            {entries.map((file) => (
              <li key={file.name}><DownloadLink path={local(file.href)} name={file.name.split("/").at(-1)!}>{file.name.split("/").at(-1)}</DownloadLink> <span class="help">{bytes(file.bytes)}</span></li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

/** A plain link; behind a key the page fetches the file first, because a link cannot carry one. */
export function DownloadLink({ path, name, button, children }: { path: string; name: string; button?: boolean; children: preact.ComponentChildren }) {
  const fetched = async (event: Event) => {
    if (!signInKey()) return;
    event.preventDefault();
    saveBlob(await (await send(path)).blob(), name);
  };
  return <a class={button ? "button" : ""} href={address(path)} download={name} onClick={fetched}>{children}</a>;
}
