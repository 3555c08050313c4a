import type { ComponentChildren } from "preact";

/** A list of measured values. */
export function Metrics({ children }: { children: ComponentChildren }) {
  return <dl class="metrics">{children}</dl>;
}

/** One value; `hint` explains it on hover. `isWrong` colours a value that should make one look twice. */
export function Metric(props: { label: string; value: string; hint?: string; isWrong?: boolean }) {
  return (
    <div class="metric" title={props.hint}>
      <dt>{props.label}</dt>
      <dd class={props.isWrong ? "wrong" : undefined}>{props.value}</dd>
    </div>
  );
}
