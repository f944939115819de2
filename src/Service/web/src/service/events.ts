// A job's status as it changes: server-sent events read from a fetch, because an EventSource cannot send a key.
import type { JobStatus } from "./answers";
import { Failure, send } from "./requests";

const final = new Set(["successful", "failed", "dismissed"]);

export function isFinal(status: JobStatus | undefined): boolean {
  return status !== undefined && final.has(status.status);
}

/** Follows the job until it ends or the signal fires; a lost connection is told and taken up again. */
export async function follow(job: string, signal: AbortSignal, told: (status: JobStatus) => void, trouble: (failure: Failure | null) => void): Promise<void> {
  let last: JobStatus | undefined;
  for (let wait = 500; !signal.aborted && !isFinal(last); wait = Math.min(2 * wait, 10_000)) {
    try {
      const answer = await send(`jobs/${job}/events`, { signal, headers: { Accept: "text/event-stream" } });
      trouble(null);
      wait = 500;
      for await (const data of eventData(answer.body!)) {
        last = JSON.parse(data) as JobStatus;
        told(last);
      }
    } catch (cause) {
      if (signal.aborted) return;
      const failure = cause instanceof Failure ? cause : new Failure("The connection to the service was lost; the page tries again by itself.", 0);
      trouble(failure);
      if (failure.status >= 400 && failure.status < 500 && failure.status !== 429) return;
    }

    if (!isFinal(last)) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const lines = text.slice(0, end).split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
        text = text.slice(end + 2);
        if (lines.length > 0) yield lines.join("\n");
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
