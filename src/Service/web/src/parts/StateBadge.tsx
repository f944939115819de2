import type { JobStatus } from "../service/answers";

const words: Record<string, string> = { accepted: "waiting", running: "running", successful: "done", failed: "failed", dismissed: "cancelled" };

export function StateBadge({ status }: { status: JobStatus }) {
  return <span class={`badge ${status.status}`}>{words[status.status] ?? status.status}{status.status === "running" && ` ${status.progress ?? 0} %`}</span>;
}
