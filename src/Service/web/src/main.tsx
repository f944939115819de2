import "./style.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { SignIn } from "./parts/SignIn";
import { useRoute } from "./route";
import { JobPage } from "./views/JobPage";
import { Jobs } from "./views/Jobs";
import { NewJob } from "./views/NewJob";

function View({ route }: { route: string[] }) {
  const [first, second] = route;
  if (first === "jobs" && second) return <JobPage key={second} job={second} />;
  if (first === "jobs") return <Jobs />;
  return <NewJob key={route.join("/")} from={first === "again" ? second : undefined} />;
}

function Page() {
  const route = useRoute();
  const area = route[0] === "jobs" ? "jobs" : "new";
  const links: [string, string, string][] = [["new", "#/", "New map"], ["jobs", "#/jobs", "Jobs"]];
  const title = links.find(([name]) => name === area)![2];
  useEffect(() => {
    document.title = `${title} \u00b7 GDM-OPT-ETQ`;
  }, [title]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to the content</a>
      <header class="top">
        <a class="brand" href="#/" aria-label="GDM-OPT-ETQ, start">
          <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 12h11l4 8h11" /><path class="arrows" d="M7 6h9m-3-3 3 3-3 3M25 26h-9m3-3-3 3 3 3" /></svg>
          <span>GDM-OPT-ETQ</span>
        </a>
        <nav aria-label="Views">
          {links.map(([name, href, text]) => <a key={name} href={href} aria-current={name === area ? "page" : undefined}>{text}</a>)}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        <SignIn />
        <View route={route} />
      </main>
    </>
  );
}

render(<Page />, document.getElementById("page")!);
