// Requests to the service that this page came from, and its errors as sentences.

/** Root of the service: the folder above the page, so that the page works behind a path of a proxy, too. */
export const root = new URL("../", document.baseURI.split("#")[0]);

export interface Fault {
  input: string;
  detail: string;
}

/** What went wrong, in the words of the service where it had any. */
export class Failure extends Error {
  constructor(message: string, readonly status: number, readonly faults: Fault[] = []) {
    super(message);
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

const keyName = "gdm-opt-etq-key";

export function signInKey(): string {
  return sessionStorage.getItem(keyName) ?? "";
}

export function setSignInKey(key: string): void {
  if (key) sessionStorage.setItem(keyName, key);
  else sessionStorage.removeItem(keyName);
}

/** Empty where the service asks for no key. */
export function signInHeaders(): Record<string, string> {
  const key = signInKey();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

export function address(path: string): string {
  return new URL(path.replace(/^\//, ""), root).href;
}

/** Links in answers are absolute and may name the service as a proxy sees it: only their path counts here. */
export function local(href: string): string {
  const path = new URL(href, root).pathname;
  return path.startsWith(root.pathname) ? path.slice(root.pathname.length) : path;
}

export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address(path), { ...init, headers: { ...signInHeaders(), ...(init.headers as Record<string, string>) } });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Failure("The service does not answer: check that it runs and that you are connected, then try again.", 0);
  }

  if (answer.ok) return answer;
  if (answer.status === 401) window.dispatchEvent(new Event("sign-in-needed"));
  let detail = "";
  let faults: Fault[] = [];
  try {
    const problem = await answer.json();
    detail = String(problem.detail ?? problem.title ?? "");
    if (Array.isArray(problem.errors)) faults = problem.errors;
  } catch {
    // Not a problem document: the status has to do.
  }

  throw new Failure(detail || `The service answered with status ${answer.status}: try again, and tell the operator if it stays.`, answer.status, faults);
}

async function read<T>(answer: Response): Promise<T> {
  try {
    return await answer.json();
  } catch {
    throw new Failure("The answer of the service did not arrive whole: try again.", 0);
  }
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return read(await send(path, { signal, headers: { Accept: "application/json" } }));
}

export async function sendJson<T>(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
  return read(await send(path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json", Accept: "application/json", ...headers } }));
}

/** Address of a picture; behind a key it is fetched first, because an img element cannot send one. */
export async function pictureAddress(path: string): Promise<string> {
  if (!signInKey()) return address(path);
  return URL.createObjectURL(await (await send(path)).blob());
}

/** Gives a file to the user's downloads. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function sentence(error: unknown): string {
  return error instanceof Failure || error instanceof Error ? error.message : String(error);
}
