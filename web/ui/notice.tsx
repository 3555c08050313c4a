import type { ComponentChildren } from "preact";
import { Glyph } from "../shell/icons.tsx";

/** Something the user should know, read aloud when it appears. */
export function Notice({ isBad = false, children }: { isBad?: boolean; children: ComponentChildren }) {
  return (
    <div class={`notice${isBad ? " bad" : ""}`} role={isBad ? "alert" : "status"}>
      <Glyph name="warning" />
      <div>{children}</div>
    </div>
  );
}
