import { useEffect, useState } from "preact/hooks";
import { ErrorNotice, Notice, Waiting } from "../parts/notices";
import { useAnswer } from "../parts/useAnswer";
import { Failure, getJson, send } from "../service/requests";
import { duration, minuteOf } from "../service/words";

interface Node {
  node: string;
  roles: string[];
  state: string;
  slots: number;
  running: { job: string; unit: number }[];
  version: string;
  silentSeconds: number;
}

interface JobLine {
  job: string;
  title: string;
  owner: string;
  phase: string;
  message: string;
  priority: number;
  unitsDone: number;
  unitsTotal: number;
  created: string;
}

interface Explanation {
  sentences: string[];
  failures: { what: string; attempt: number; worker: string | null; at: string; reason: string }[];
}

const period = 5000;

/** Workers, queues, and the jobs of everybody, with their failures. */
export function Operate() {
  const cluster = useAnswer((signal) => getJson<{ coordinator: string | null; nodes: Node[] }>("operations/cluster/show", signal), []);
  const queues = useAnswer((signal) => getJson<{ queues: { queue: string; waiting: number; consumers: number }[] }>("operations/queue/show", signal), []);
  const jobs = useAnswer((signal) => getJson<{ jobs: JobLine[] }>("operations/job/list?limit=50", signal), []);
  const [failure, setFailure] = useState<unknown>();
  const [told, setTold] = useState("");
  const refresh = () => {
    cluster.reload();
    queues.reload();
    jobs.reload();
  };
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) refresh(); }, period);
    return () => clearInterval(timer);
  }, []);
  const order = async (path: string) => {
    try {
      setFailure(undefined);
      const answer = await send(`operations/${path}`, { method: "POST", headers: { Accept: "application/json" } });
      setTold(String((await answer.json()).message ?? "done"));
      refresh();
    } catch (cause) {
      setFailure(cause);
    }
  };

  const forbidden = [cluster.error, jobs.error].find((error) => error instanceof Failure && error.status === 403);
  if (forbidden) return <><h1>Operate</h1><ErrorNotice error={forbidden} /></>;
  return (
    <>
      <h1>Operate</h1>
      <ErrorNotice error={failure} />
      {told && <Notice kind="info">{told}</Notice>}
      <section aria-labelledby="nodes">
        <h2 id="nodes">Workers</h2>
        <ErrorNotice error={cluster.error} retry={cluster.reload} />
        {!cluster.value && !cluster.error && <Waiting>Asking the cluster</Waiting>}
        {cluster.value && cluster.value.coordinator === null && <Notice kind="warning">Nobody coordinates: jobs wait until a coordinator runs.</Notice>}
        {cluster.value && (
          <div class="scroll" tabIndex={0} role="region" aria-label="Workers">
            <table>
              <thead><tr><th>Node</th><th>Roles</th><th>State</th><th>Work</th><th>Heard of</th><th><span class="hidden">Orders</span></th></tr></thead>
              <tbody>
                {cluster.value.nodes.map((node) => (
                  <tr key={node.node}>
                    <th scope="row">{node.node}</th><td>{node.roles.join(", ")}</td><td>{node.state}</td>
                    <td>{node.slots === 0 ? "\u2013" : `${node.running.length} of ${node.slots}`}</td><td>{duration(node.silentSeconds)} ago</td>
                    <td>
                      {node.slots > 0 && node.state !== "unreachable" && (node.state === "draining"
                        ? <button type="button" class="small" onClick={() => order(`node/undrain?node=${encodeURIComponent(node.node)}`)}>Take work again</button>
                        : <button type="button" class="small" onClick={() => order(`node/drain?node=${encodeURIComponent(node.node)}`)}>Drain</button>)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <section aria-labelledby="queues">
        <h2 id="queues">Queues</h2>
        <ErrorNotice error={queues.error} retry={queues.reload} />
        {queues.value && (
          <dl class="figures">{queues.value.queues.map((queue) => <div key={queue.queue}><dt>{queue.queue}, {queue.consumers} {queue.consumers === 1 ? "consumer" : "consumers"}</dt><dd>{queue.waiting}</dd></div>)}</dl>
        )}
      </section>
      <section aria-labelledby="everybody">
        <h2 id="everybody">Jobs of everybody</h2>
        <ErrorNotice error={jobs.error} retry={jobs.reload} />
        {jobs.value?.jobs.length === 0 && <p class="help">No jobs yet.</p>}
        <ul class="all">
          {jobs.value?.jobs.map((job) => <OperatedJob key={job.job} job={job} order={order} />)}
        </ul>
      </section>
    </>
  );
}

function OperatedJob({ job, order }: { job: JobLine; order: (path: string) => void }) {
  const [open, setOpen] = useState(false);
  const isOpen = job.phase === "accepted" || job.phase === "running";
  return (
    <li>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{job.title || "Displacement map"} <span class="help">{job.owner || "no owner"}</span><span class="count">{job.phase}{isOpen && job.unitsTotal > 0 && `, ${job.unitsDone} of ${job.unitsTotal}`}</span></summary>
        <p class="help">{minuteOf(job.created)} {"\u00b7"} <a href={`#/jobs/${job.job}`}><code>{job.job}</code></a> {"\u00b7"} priority {job.priority}</p>
        {open && <Explained job={job.job} />}
        <div class="row">
          {isOpen && <button type="button" class="small" onClick={() => order(`job/cancel?job=${job.job}`)}>Cancel</button>}
          {(job.phase === "failed" || job.phase === "succeededWithGaps") && <button type="button" class="small" onClick={() => order(`job/retry?job=${job.job}`)}>Retry what failed</button>}
        </div>
      </details>
    </li>
  );
}

/** What became of it, as the cluster tells. */
function Explained({ job }: { job: string }) {
  const explanation = useAnswer((signal) => getJson<Explanation>(`operations/job/explain?job=${job}`, signal), [job]);
  if (explanation.error) return <ErrorNotice error={explanation.error} retry={explanation.reload} />;
  if (!explanation.value) return <Waiting>Asking what became of it</Waiting>;
  return (
    <>
      <ul class="story">{explanation.value.sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
      {explanation.value.failures.map((failure) => <Notice key={`${failure.what}${failure.attempt}`} kind="warning">{failure.what}, attempt {failure.attempt}{failure.worker && ` on ${failure.worker}`}: {failure.reason}</Notice>)}
    </>
  );
}
