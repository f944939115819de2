import { useCallback, useEffect, useState } from "preact/hooks";

export interface Answer<T> {
  value: T | undefined;
  error: unknown;
  reload: () => void;
}

/** What a request answered; undefined until it has. */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, changes: unknown[]): Answer<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    setError(undefined);
    ask(leave.signal).then(
      (answer) => {
        if (!leave.signal.aborted) setValue(() => answer);
      },
      (cause) => {
        if (!leave.signal.aborted) setError(cause);
      },
    );
    return () => leave.abort();
  }, [...changes, turn]);
  return { value, error, reload: useCallback(() => setTurn((t) => t + 1), []) };
}
