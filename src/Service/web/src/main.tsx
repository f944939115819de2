import "ol/ol.css";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorNotice, Waiting } from "./parts/notices";
import { SignIn } from "./parts/SignIn";
import { useRoute } from "./route";
import { JobPage } from "./views/JobPage";
import { Jobs } from "./views/Jobs";
import { NewJob } from "./views/NewJob";

// Map and charts are large: they come when somebody looks at a result.
function Later<P extends object>({ load, name, ...props }: { load: () => Promise<ComponentType<P>>; name: string } & P) {
  const [View, setView] = useState<ComponentType<P>>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    setError(undefined);
    load().then((view) => setView(() => view), () => setError(new Error(`The ${name} could not be loaded from the service: check that it runs, then try again.`)));
  }, [turn]);
  if (error) return <ErrorNotice error={error} retry={() => setTurn(turn + 1)} />;
  return View ? <View {...(props as unknown as P)} /> : <Waiting>Loading the {name}</Waiting>;
}

const loadMap = () => import("./views/MapView").then((module) => module.MapView);
const loadCompare = () => import("./views/Compare").then((module) => module.Compare);
const loadOperate = () => import("./views/Operate").then((module) => module.Operate);

function View({ route }: { route: string[] }) {
  const [first, second, third] = route;
  if (first === "jobs" && second && third === "map") return <Later key={second} load={loadMap} name="map" job={second} />;
  if (first === "jobs" && second) return <JobPage key={second} job={second} />;
  if (first === "jobs") return <Jobs />;
  if (first === "compare") return <Later key="compare" load={loadCompare} name="comparison" first={second ?? ""} second={third ?? ""} />;
  if (first === "operate") return <Later key="operate" load={loadOperate} name="operator's view" />;
  return <NewJob key={route.join("/")} from={first === "again" ? second : undefined} />;
}

function Page() {
  const route = useRoute();
  const area = route[0] === "jobs" || route[0] === "compare" || route[0] === "operate" ? route[0] : "new";
  const links: [string, string, string][] = [["new", "#/", "New map"], ["jobs", "#/jobs", "Jobs"], ["compare", "#/compare", "Compare"], ["operate", "#/operate", "Operate"]];
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
