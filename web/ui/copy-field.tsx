import { useEffect, useRef, useState } from "preact/hooks";
import { Glyph } from "../shell/icons.tsx";
import { copyText } from "./clipboard.ts";

/** For how long the button says that it has copied. */
const SAID_MS = 1600;

/** A text to copy, as one row of a `<dl class="copy-list">`. A long one breaks into lines instead of being scrolled. */
export function CopyField({ label, value, isLong = false }: { label: string; value: string; isLong?: boolean }) {
  const [said, setSaid] = useState<"" | "copied" | "failed">("");
  const text = useRef<HTMLElement>(null);
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await copyText(value, text.current)) ? "copied" : "failed");
  const isDone = said === "copied";
  return (
    <div class={`copy-field${isLong ? " long" : ""}`}>
      <dt>{label}</dt>
      <dd ref={text}>{value}</dd>
      <button
        type="button"
        class={`copy-button${isDone ? " done" : ""}`}
        onClick={copy}
        aria-label={`Copy ${label}`}
        title={`Copy ${label}`}
      >
        <Glyph name={isDone ? "check" : "copy"} />
        <span class="visually-hidden" aria-live="polite">
          {said === "failed" ? "Could not copy; the text is selected." : said}
        </span>
      </button>
    </div>
  );
}
