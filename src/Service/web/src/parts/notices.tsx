import type { ComponentChildren } from "preact";
import { sentence, Failure } from "../service/requests";

export function Notice({ kind, children }: { kind: "error" | "warning" | "info"; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>
      <span class="mark" aria-hidden="true">{kind === "info" ? "i" : "!"}</span>
      <div>{children}</div>
    </div>
  );
}

/** An error as the user meets it: the sentence, and a way on. */
export function ErrorNotice({ error, retry }: { error: unknown; retry?: () => void }) {
  if (!error) return null;
  const faults = error instanceof Failure ? error.faults : [];
  return (
    <Notice kind="error">
      {faults.length > 1 ? <ul>{faults.map((fault) => <li key={fault.detail}>{fault.detail}</li>)}</ul> : <p>{faults[0]?.detail ?? sentence(error)}</p>}
      {retry && <button type="button" class="small" onClick={retry}>Try again</button>}
    </Notice>
  );
}

export function Waiting({ children }: { children: ComponentChildren }) {
  return <p class="waiting" role="status"><span class="spinner" aria-hidden="true" /> {children}</p>;
}
