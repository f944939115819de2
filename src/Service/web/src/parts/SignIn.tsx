import { useEffect, useState } from "preact/hooks";
import { setSignInKey, signInKey } from "../service/requests";
import { Notice } from "./notices";

/** Asks for a key once the service wants one; kept until the browser window closes. */
export function SignIn() {
  const [needed, setNeeded] = useState(false);
  const [key, setKey] = useState("");
  useEffect(() => {
    const ask = () => setNeeded(true);
    window.addEventListener("sign-in-needed", ask);
    return () => window.removeEventListener("sign-in-needed", ask);
  }, []);
  if (!needed) return null;
  return (
    <Notice kind="info">
      <form class="row" onSubmit={(event) => { event.preventDefault(); setSignInKey(key.trim()); location.reload(); }}>
        <label class="grow">
          {signInKey() ? "The service does not know this key: give another key or token." : "This service asks who you are: give the key or token that its operator gave you."}
          <input type="password" autocomplete="off" value={key} onInput={(event) => setKey(event.currentTarget.value)} required />
        </label>
        <button type="submit" class="primary">Sign in</button>
      </form>
    </Notice>
  );
}
