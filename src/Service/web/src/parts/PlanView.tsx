import type { Plan } from "../service/answers";
import { bytes, day } from "../service/words";
import { Notice } from "./notices";

/** What would be done and what it would take. */
export function PlanView({ plan }: { plan: Plan }) {
  const { estimate } = plan;
  return (
    <div class="plan">
      <dl class="figures">
        <div><dt>Pairs</dt><dd>{plan.pairs.length}</dd></div>
        <div><dt>Pieces to match</dt><dd>{plan.tiles}</dd></div>
        <div><dt>Time</dt><dd>about {estimate.minutes < 1 ? "a minute" : estimate.minutes < 90 ? `${Math.round(estimate.minutes)} min` : `${(estimate.minutes / 60).toFixed(1)} h`}</dd></div>
        <div><dt>Memory</dt><dd>{bytes(estimate.memoryBytes)}</dd></div>
        <div><dt>Result</dt><dd>{bytes(estimate.resultBytes)}</dd></div>
      </dl>
      {plan.stacks.map((stack) => (
        <p key={stack.tile}>
          <strong>{stack.tile}</strong>, {stack.grid}: {stack.pairs.map((pair) => `${pair.name} (${Math.round(pair.days)} days)`).join("; ")}. Images of{" "}
          {stack.images.map((image) => day(image.datetime)).join(", ")}.
        </p>
      ))}
      {plan.warnings.map((warning) => <Notice key={warning} kind="warning">{warning}</Notice>)}
      <p class="help">{estimate.note}</p>
    </div>
  );
}
