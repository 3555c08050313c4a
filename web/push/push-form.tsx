import type { ComponentChildren } from "preact";
import { Glyph, type IconName } from "../shell/icons.tsx";
import type { PushModel } from "./push-model.ts";
import { FRAME_RATES, HEIGHTS, KEY_INTERVALS, type PushSettings, type SourceKind, settingsProblems } from "./push-settings.ts";

const SOURCES: readonly { value: SourceKind; label: string; icon: IconName }[] = [
  { value: "camera", label: "Camera", icon: "camera" },
  { value: "screen", label: "Screen", icon: "screen" },
  { value: "test", label: "Test", icon: "pattern" },
];

/** What to publish, under which name, how large. Locked while it runs. */
export function PushForm({ model, isPossible }: { model: PushModel; isPossible: boolean }) {
  const settings = model.settings.value;
  const { state } = model.session.situation.value;
  const isRunning = !["idle", "refused", "failed"].includes(state);
  const problems = settingsProblems(settings);
  const isValid = Object.keys(problems).length === 0;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isRunning) model.session.stop();
    else void model.start();
  };
  return (
    <form class="panel push-form" onSubmit={submit}>
      <fieldset class="segmented" aria-label="Source" disabled={isRunning}>
        {SOURCES.map(({ value, label, icon }) => (
          <label key={value}>
            <input
              type="radio"
              name="source"
              value={value}
              checked={settings.source === value}
              onChange={() => model.set({ source: value })}
            />
            <Glyph name={icon} />
            {label}
          </label>
        ))}
      </fieldset>
      <fieldset class="push-fields" disabled={isRunning} aria-label="Settings">
        <div class="push-name">
          <TextField id="app" label="App" value={settings.app} problem={problems.app} onInput={(app) => model.set({ app })} />
          <TextField
            id="name"
            label="Stream name"
            value={settings.name}
            problem={problems.name}
            onInput={(name) => model.set({ name })}
          />
        </div>
        <div class="push-pair">
          <Choice
            id="height"
            label="Resolution"
            value={settings.height}
            options={HEIGHTS}
            unit="p"
            onChange={(height) => model.set({ height })}
          />
          <Choice
            id="fps"
            label="Frame rate"
            value={settings.fps}
            options={FRAME_RATES}
            unit=" fps"
            onChange={(fps) => model.set({ fps })}
          />
        </div>
        <div class="push-pair">
          <BitrateField settings={settings} problem={problems.videoKbps} onInput={(videoKbps) => model.set({ videoKbps })} />
          <Choice
            id="key"
            label="Key frame every"
            value={settings.keyIntervalS}
            options={KEY_INTERVALS}
            unit=" s"
            onChange={(keyIntervalS) => model.set({ keyIntervalS })}
          />
        </div>
        <label class="push-check">
          <input
            type="checkbox"
            checked={settings.hasAudio}
            onChange={(event) => model.set({ hasAudio: event.currentTarget.checked })}
          />
          <Glyph name="mic" />
          {settings.source === "camera" ? "Microphone" : settings.source === "screen" ? "Sound of the shared tab" : "Tone"}
        </label>
      </fieldset>
      <button
        type="submit"
        class={`button push-button ${isRunning ? "danger" : "primary"}`}
        disabled={!isRunning && !(isPossible && isValid)}
      >
        <Glyph name={isRunning ? "stop" : "play"} />
        {isRunning ? "Stop publishing" : state === "idle" ? "Start publishing" : "Try again"}
      </button>
    </form>
  );
}

function TextField(props: {
  id: string;
  label: string;
  value: string;
  problem: string | undefined;
  onInput: (value: string) => void;
}) {
  return (
    <Field id={props.id} label={props.label} problem={props.problem}>
      <input
        id={props.id}
        class="input mono"
        value={props.value}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-invalid={props.problem !== undefined}
        aria-describedby={`${props.id}-problem`}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </Field>
  );
}

function BitrateField(props: { settings: PushSettings; problem: string | undefined; onInput: (kbps: number) => void }) {
  return (
    <Field id="kbps" label="Video bitrate, kb/s" problem={props.problem}>
      <input
        id="kbps"
        class="input"
        type="number"
        inputMode="numeric"
        step="100"
        value={props.settings.videoKbps}
        aria-invalid={props.problem !== undefined}
        aria-describedby="kbps-problem"
        onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
      />
    </Field>
  );
}

function Choice(props: {
  id: string;
  label: string;
  value: number;
  options: readonly number[];
  unit: string;
  onChange: (value: number) => void;
}) {
  return (
    <Field id={props.id} label={props.label} problem={undefined}>
      <select
        id={props.id}
        class="select"
        value={props.value}
        onChange={(event) => props.onChange(Number(event.currentTarget.value))}
      >
        {props.options.map((option) => (
          <option key={option} value={option}>
            {option}
            {props.unit}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Field({
  id,
  label,
  problem,
  children,
}: {
  id: string;
  label: string;
  problem: string | undefined;
  children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      <p id={`${id}-problem`} class="hint wrong" aria-live="polite">
        {problem}
      </p>
    </div>
  );
}
