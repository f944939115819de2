import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Choice, type Side } from "../parts/choice";
import { ErrorNotice, Notice, Waiting } from "../parts/notices";
import { ParameterForm } from "../parts/ParameterForm";
import { PlanView } from "../parts/PlanView";
import { QuickLook } from "../parts/QuickLook";
import { Timeline } from "../parts/Timeline";
import { useAnswer } from "../parts/useAnswer";
import { go } from "../route";
import type { Inputs, JobInputs, JobStatus, Plan, ProcessDescription, Product } from "../service/answers";
import { Failure, getJson, saveBlob, sendJson } from "../service/requests";
import { bytes, day } from "../service/words";

const processPath = "processes/gdm-opt-etq";

/** The first view: choose images, see the plan, run. */
export function NewJob({ from }: { from?: string }) {
  const catalogue = useAnswer((signal) => getJson<{ products: Product[] }>("catalogue/products", signal), []);
  const process = useAnswer((signal) => getJson<ProcessDescription>(processPath, signal), []);
  const products = catalogue.value?.products ?? [];
  const [sides, setSides] = useState<ReadonlyMap<string, Side>>(new Map());
  const [inputs, setInputs] = useState<Inputs>({});
  const [event, setEvent] = useState("");
  const [tile, setTile] = useState("");
  const [plan, setPlan] = useState<Plan>();
  const [busy, setBusy] = useState<"" | "plan" | "run">("");
  const [failure, setFailure] = useState<unknown>();
  const planRef = useRef<HTMLElement>(null);
  const choice = useMemo(() => new Choice(products, sides), [products, sides]);
  const objections = choice.objections();
  const split = (event || choice.splitDate) ?? null;

  const touched = () => {
    setPlan(undefined);
    setFailure(undefined);
  };
  const put = (name: string, side: Side | null) => {
    touched();
    setSides(choice.with(name, choice.sideOf(name) === side ? null : side).sides);
  };
  const sideByDate = (product: Product): Side => {
    if (event) return day(product.datetime) < event ? "before" : "after";
    const before = choice.of("before");
    return before.length === 0 || before.every((p) => p.datetime > product.datetime) || (choice.of("after").length === 0 && before.length < 1) ? "before" : "after";
  };
  const take = (given: Inputs) => {
    touched();
    const { products: names, splitDate, ...rest } = given;
    const list = Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
    const known = products.filter((product) => list.includes(product.name));
    const date = typeof splitDate === "string" && splitDate ? splitDate : known.map((p) => day(p.datetime)).sort()[Math.ceil(known.length / 2)];
    setSides(new Map(known.map((product) => [product.name, date && day(product.datetime) < date ? "before" : "after"])));
    if (typeof splitDate === "string") setEvent(splitDate);
    setInputs(rest);
    const lost = list.filter((name) => !known.some((product) => product.name === name));
    if (lost.length) setFailure(new Error(`${lost.join(", ")} ${lost.length === 1 ? "is" : "are"} not in the catalogue of this service: choose other images.`));
  };

  useEffect(() => {
    if (from && catalogue.value) getJson<JobInputs>(`jobs/${from}/inputs`).then((job) => take(job.inputs ?? {}), setFailure);
  }, [from, catalogue.value]);

  const body = (): Inputs => ({ ...inputs, ...(split ? { splitDate: split } : {}), products: choice.all.map((product) => product.name) });
  const ask = async (onlyPlan: boolean) => {
    setBusy(onlyPlan ? "plan" : "run");
    setFailure(undefined);
    try {
      const request = { inputs: body() };
      if (onlyPlan) {
        setPlan(await sendJson<Plan>("POST", `${processPath}/execution`, { ...request, validate_only: true }));
        setTimeout(() => planRef.current?.scrollIntoView({ block: "nearest" }));
      } else {
        const job = await sendJson<JobStatus>("POST", `${processPath}/execution`, request, { Prefer: "respond-async" });
        go(`jobs/${job.jobID}`);
      }
    } catch (cause) {
      setFailure(cause);
      if (onlyPlan) setPlan(undefined);
    } finally {
      setBusy("");
    }
  };

  const faults = failure instanceof Failure ? failure.faults : [];
  const tiles = [...new Set(products.map((product) => product.tile))].sort();
  const shown = tile ? products.filter((product) => product.tile === tile) : products;

  return (
    <>
      <h1>Map the ground displacement of an earthquake</h1>
      <p class="lead">Choose one or two Sentinel-2 images from before the earthquake and one or two from after it. Everything else has a default.</p>

      <section aria-labelledby="choose">
        <h2 id="choose"><span class="step">1</span> Images</h2>
        <ErrorNotice error={catalogue.error} retry={catalogue.reload} />
        {!catalogue.value && !catalogue.error && <Waiting>Looking for products</Waiting>}
        {catalogue.value && products.length === 0 && (
          <Notice kind="info">
            <p>This service has no products yet: the operator names folders with Sentinel-2 L1C products with <code>--products</code>. To try it, run <code>gdm simulate --out demo</code> and start <code>gdm host all --products demo</code>.</p>
          </Notice>
        )}
        {products.length > 0 && (
          <>
            <div class="row">
              <label>Day of the earthquake (if you know it)
                <input type="date" value={event} onInput={(e) => { touched(); setEvent(e.currentTarget.value); }} />
              </label>
              {tiles.length > 1 && (
                <label>Tile
                  <select value={tile} onChange={(e) => setTile(e.currentTarget.value)}>
                    <option value="">all {tiles.length}</option>
                    {tiles.map((name) => <option key={name} value={name}>{name}</option>)}
                  </select>
                </label>
              )}
            </div>
            <Timeline products={shown} choice={choice} split={split} pick={(product) => put(product.name, choice.sideOf(product.name) ?? sideByDate(product))} />
            <ul class="products">
              {shown.map((product) => <ProductCard key={product.name} product={product} side={choice.sideOf(product.name)} put={(side) => put(product.name, side)} />)}
            </ul>
          </>
        )}
        {objections.map((objection) => <Notice key={objection.text} kind={objection.severe ? "error" : "warning"}>{objection.text}</Notice>)}
      </section>

      <section aria-labelledby="settings">
        <h2 id="settings"><span class="step">2</span> Parameters <small>(optional)</small></h2>
        <ErrorNotice error={process.error} retry={process.reload} />
        <div class="row">
          <label class="grow">Name of this map
            <input type="text" maxLength={200} placeholder="e.g. Ridgecrest, July 2019" value={String(inputs.title ?? "")} onInput={(e) => { const { title: _, ...rest } = inputs; setInputs(e.currentTarget.value ? { ...rest, title: e.currentTarget.value } : rest); }} />
          </label>
          <button type="button" onClick={() => saveBlob(new Blob([JSON.stringify({ inputs: body() }, null, 2)], { type: "application/json" }), "gdm-opt-etq.json")}>Export</button>
          <label class="button">Import
            <input
              type="file" accept="application/json,.json" class="hidden"
              onChange={async (e) => {
                const field = e.currentTarget;
                const file = field.files?.[0];
                if (!file) return;
                try {
                  const read = JSON.parse(await file.text());
                  take((read.inputs ?? read) as Inputs);
                } catch {
                  setFailure(new Error(`${file.name} is not a parameter file: choose a JSON file that this page exported.`));
                }

                field.value = "";
              }}
            />
          </label>
        </div>
        {process.value && (
          <ParameterForm
            description={process.value} inputs={inputs} faults={faults}
            change={(name, value) => { touched(); const { [name]: _, ...rest } = inputs; setInputs(value === undefined ? rest : { ...rest, [name]: value }); }}
          />
        )}
      </section>

      <section aria-labelledby="go" ref={planRef}>
        <h2 id="go"><span class="step">3</span> Plan and run</h2>
        <ErrorNotice error={failure} retry={failure instanceof Failure && failure.isUnreachable ? () => ask(true) : undefined} />
        {plan && <PlanView plan={plan} />}
        <div class="row">
          <button type="button" class={plan ? "" : "primary"} disabled={!choice.isComplete || busy !== ""} onClick={() => ask(true)}>{busy === "plan" ? "Planning\u2026" : "See the plan"}</button>
          {plan && <button type="button" class="primary" disabled={busy !== ""} onClick={() => ask(false)}>{busy === "run" ? "Starting\u2026" : "Run"}</button>}
          {!choice.isComplete && <span class="help">{choice.all.length === 0 ? "Choose images first." : choice.of("before").length === 0 ? "Choose an image from before." : choice.of("after").length === 0 ? "Choose an image from after." : "Mend the choice of images first."}</span>}
        </div>
      </section>
    </>
  );
}

function ProductCard({ product, side, put }: { product: Product; side: Side | null; put: (side: Side) => void }) {
  return (
    <li class={`product ${side ?? ""}`}>
      <QuickLook product={product} />
      <div class="facts">
        <h3>{day(product.datetime)}</h3>
        <p title={product.name}>{product.platform.replace(/^Sentinel-/i, "S")} {"\u00b7"} {product.tile} {"\u00b7"} R{String(product.relativeOrbit).padStart(3, "0")}</p>
        <p>{product.cloudCoverPercent === null ? "cloud unknown" : `${Math.round(product.cloudCoverPercent)} % cloud`} {"\u00b7"} {bytes(product.sizeBytes)}</p>
        <div class="sides" role="group" aria-label={`Image of ${day(product.datetime)}, ${product.tile}`}>
          <button type="button" class="before" aria-pressed={side === "before"} onClick={() => put("before")}>Before</button>
          <button type="button" class="after" aria-pressed={side === "after"} onClick={() => put("after")}>After</button>
        </div>
      </div>
    </li>
  );
}
