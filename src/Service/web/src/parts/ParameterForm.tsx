import type { Inputs, InputSchema, ProcessDescription, ProcessInput } from "../service/answers";
import type { Fault } from "../service/requests";
import { spaced, valueText } from "../service/words";

const own = new Set(["products", "title", "splitDate"]);

interface Props {
  description: ProcessDescription;
  inputs: Inputs;
  faults: Fault[];
  change: (name: string, value: unknown) => void;
}

/** A field for every parameter of the process, by stage, with its help, default and range: nothing here knows a parameter by name. */
export function ParameterForm({ description, inputs, faults, change }: Props) {
  const groups = new Map<string, [string, ProcessInput][]>();
  for (const [name, input] of Object.entries(description.inputs)) {
    if (own.has(name)) continue;
    const group = input.schema["x-stage"] ?? input.metadata?.find((entry) => entry.role === "stage")?.title ?? "Others";
    groups.set(group, [...(groups.get(group) ?? []), [name, input]]);
  }

  return (
    <div class="parameters">
      {[...groups].map(([group, fields]) => {
        const changed = fields.filter(([name]) => name in inputs).length;
        const wrong = fields.some(([name]) => faults.some((fault) => fault.input === name));
        return (
          <details key={group} open={wrong || undefined}>
            <summary>
              {spaced(group).trim()}
              <span class="count">{wrong ? "needs attention" : changed ? `${changed} changed` : `${fields.length} at default`}</span>
            </summary>
            <div class="fields">
              {fields.map(([name, input]) => (
                <Field
                  key={name} name={name} input={input} value={name in inputs ? inputs[name] : input.schema.default} isChanged={name in inputs}
                  faults={faults.filter((fault) => fault.input === name)} change={(value) => change(name, value)}
                />
              ))}
            </div>
          </details>
        );
      })}
    </div>
  );
}

function Field({ name, input, value, isChanged, faults, change }: { name: string; input: ProcessInput; value: unknown; isChanged: boolean; faults: Fault[]; change: (value: unknown) => void }) {
  const { schema } = input;
  const id = `parameter-${name}`;
  const described = `${id}-help`;
  const common = { id, "aria-describedby": described, "aria-invalid": faults.length > 0 };
  const unit = schema["x-unit"];
  return (
    <div class={`field ${isChanged ? "changed" : ""}`}>
      <label for={id}>{input.title}{unit && <span class="unit"> [{unit}]</span>}</label>
      {schema.type === "boolean" ? (
        <input type="checkbox" {...common} checked={value === true} onChange={(event) => change(event.currentTarget.checked)} />
      ) : schema.enum ? (
        <select {...common} value={String(value ?? "")} onChange={(event) => change(event.currentTarget.value)}>
          {schema.enum.map((entry) => <option key={entry} value={entry}>{entry}</option>)}
        </select>
      ) : schema.type === "number" || schema.type === "integer" ? (
        <input
          type="number" {...common} value={value === undefined || value === null ? "" : String(value)} min={schema.minimum} max={schema.maximum}
          step={schema.type === "integer" ? 1 : "any"}
          onChange={(event) => change(event.currentTarget.value === "" ? undefined : Number(event.currentTarget.value))}
        />
      ) : schema.format === "date" ? (
        <input type="date" {...common} value={String(value ?? "")} onChange={(event) => change(event.currentTarget.value || undefined)} />
      ) : (
        <input
          type="text" {...common} value={Array.isArray(value) ? value.join(", ") : String(value ?? "")}
          onChange={(event) => change(read(schema, event.currentTarget.value))}
        />
      )}
      {isChanged && <button type="button" class="small plain" onClick={() => change(undefined)} aria-label={`Set ${input.title} back to its default`}>default</button>}
      <p class="help" id={described}>
        {input.description} <span class="range">Default {valueText(schema.default)}{range(schema)}.</span>
        {faults.map((fault) => <strong key={fault.detail} class="wrong"> {fault.detail}</strong>)}
      </p>
    </div>
  );
}

function range(schema: InputSchema): string {
  return schema.minimum !== undefined && schema.maximum !== undefined ? `, ${schema.minimum} to ${schema.maximum}` : "";
}

function read(schema: InputSchema, text: string): unknown {
  const trimmed = text.trim();
  if (schema.type === "array") return trimmed ? trimmed.split(",").map((part) => part.trim()).filter(Boolean) : undefined;
  return trimmed === "" ? undefined : trimmed;
}
