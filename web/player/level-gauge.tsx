import { formatSeconds } from "../ui/units.ts";

/** The buffer as a water level on its side: how much media lies ahead of the picture, and how much there should be. */
export function LevelGauge({ bufferMs, targetMs, scaleMs }: { bufferMs: number; targetMs: number | null; scaleMs: number }) {
  const percent = (ms: number) => `${Math.min(100, (ms / scaleMs) * 100)}%`;
  return (
    <div>
      <div class="gauge-head">
        <h3>Buffer</h3>
        <span class="gauge-value small">{formatSeconds(bufferMs)}</span>
      </div>
      <meter class="visually-hidden" aria-label="Buffered media ahead, in seconds" max={scaleMs / 1000} value={bufferMs / 1000} />
      <div class="gauge" aria-hidden="true">
        <div class="gauge-water" style={{ width: percent(bufferMs) }} />
        {targetMs !== null && <div class="gauge-target" style={{ left: percent(targetMs) }} />}
      </div>
      <div class="gauge-scale" aria-hidden="true">
        <span>0</span>
        {targetMs !== null && (
          <span class="target" style={{ left: percent(targetMs) }}>
            target {formatSeconds(targetMs)}
          </span>
        )}
        <span>{scaleMs / 1000} s</span>
      </div>
    </div>
  );
}
