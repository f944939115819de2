import { useState } from "preact/hooks";
import { ErrorNotice, Notice, Waiting } from "../parts/notices";
import { StateBadge } from "../parts/StateBadge";
import { useAnswer } from "../parts/useAnswer";
import { go } from "../route";
import type { JobStatus, Link } from "../service/answers";
import { getJson, local } from "../service/requests";
import { minuteOf } from "../service/words";

const states = ["", "accepted", "running", "successful", "failed", "dismissed"];

export function Jobs() {
  const [state, setState] = useState("");
  const [path, setPath] = useState("");
  const first = `jobs?processID=gdm-opt-etq&limit=25${state ? `&status=${state}` : ""}`;
  const list = useAnswer((signal) => getJson<{ jobs: JobStatus[]; links: Link[] }>(path || first, signal), [path, first]);
  const [marked, setMarked] = useState<string[]>([]);
  const jobs = list.value?.jobs ?? [];
  const link = (relation: string) => list.value?.links.find((candidate) => candidate.rel === relation)?.href;
  const turn = (href: string) => setPath(local(href) + new URL(href).search);
  return (
    <>
      <h1>Jobs</h1>
      <div class="row">
        <label>State
          <select value={state} onChange={(event) => { setPath(""); setState(event.currentTarget.value); }}>
            {states.map((name) => <option key={name} value={name}>{name || "all"}</option>)}
          </select>
        </label>
        <button type="button" onClick={list.reload}>Refresh</button>
        <button type="button" disabled={marked.length !== 2} onClick={() => go(`compare/${marked.join("/")}`)}>Compare the two marked</button>
      </div>
      <ErrorNotice error={list.error} retry={list.reload} />
      {!list.value && !list.error && <Waiting>Reading the jobs</Waiting>}
      {list.value && jobs.length === 0 && <Notice kind="info"><p>No jobs here yet. <a href="#/">Make a map</a>.</p></Notice>}
      {jobs.length > 0 && (
        <ul class="jobs">
          {jobs.map((job) => (
            <li key={job.jobID}>
              {job.status === "successful" ? (
                <input
                  type="checkbox" aria-label={`Mark ${job.title ?? job.jobID} for comparison`} checked={marked.includes(job.jobID)}
                  onChange={(event) => setMarked(event.currentTarget.checked ? [...marked, job.jobID].slice(-2) : marked.filter((id) => id !== job.jobID))}
                />
              ) : <span />}
              <div class="what">
                <a href={`#/jobs/${job.jobID}`}>{job.title || "Displacement map"}</a>
                <span class="help">{minuteOf(job.created)} {"\u00b7"} <code>{job.jobID}</code></span>
                {job.message && job.status !== "successful" && <span class="help">{job.message}</span>}
              </div>
              <StateBadge status={job} />
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        {link("prev") && <button type="button" onClick={() => turn(link("prev")!)}>Newer</button>}
        {link("next") && <button type="button" onClick={() => turn(link("next")!)}>Older</button>}
      </div>
    </>
  );
}
