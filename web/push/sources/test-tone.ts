const HUM_HZ = 196;
const STRIKE_HZ = 988;
const STRIKE_S = 0.09;

/** A soft hum, and a strike on each full second of the wall clock. Returns what ends it. */
export function startTestTone(context: AudioContext, output: AudioNode): () => void {
  const hum = new OscillatorNode(context, { frequency: HUM_HZ });
  const humGain = new GainNode(context, { gain: 0.05 });
  const strike = new OscillatorNode(context, { frequency: STRIKE_HZ });
  const strikeGain = new GainNode(context, { gain: 0 });
  hum.connect(humGain).connect(output);
  strike.connect(strikeGain).connect(output);
  hum.start();
  strike.start();
  let lastSecond = 0;
  const schedule = () => {
    const untilMs = 1000 - (Date.now() % 1000);
    const second = Math.round((Date.now() + untilMs) / 1000);
    if (second === lastSecond) return;
    lastSecond = second;
    const at = context.currentTime + untilMs / 1000;
    strikeGain.gain.setValueAtTime(0.3, at);
    strikeGain.gain.exponentialRampToValueAtTime(0.001, at + STRIKE_S);
    strikeGain.gain.setValueAtTime(0, at + STRIKE_S);
  };
  schedule();
  const timer = setInterval(schedule, 300);
  return () => {
    clearInterval(timer);
    hum.stop();
    strike.stop();
  };
}
