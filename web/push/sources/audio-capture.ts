import { SAMPLE_RATE } from "../encoder-choice.ts";

/** Hears an audio graph: whatever is connected to `input` comes out as blocks of samples. Nothing of it reaches the speakers. */
export class AudioCapture {
  readonly context: AudioContext;
  readonly #node: AudioWorkletNode;

  private constructor(context: AudioContext, node: AudioWorkletNode) {
    this.context = context;
    this.#node = node;
  }

  /** Starts the graph. Throws when the browser has no audio at all. */
  static async open(): Promise<AudioCapture> {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "interactive" });
    await context.audioWorklet.addModule(new URL("./capture-worklet.js", import.meta.url).href);
    const node = new AudioWorkletNode(context, "sluice-capture", {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      outputChannelCount: [2],
    });
    const silence = new GainNode(context, { gain: 0 });
    node.connect(silence).connect(context.destination); // a graph without an end does not run
    await context.resume();
    return new AudioCapture(context, node);
  }

  get input(): AudioNode {
    return this.#node;
  }

  /** Blocks as `AudioEncoding.push` takes them, with the time of their arrival in microseconds of `performance.now()`. */
  onBlock(take: (samples: Float32Array<ArrayBuffer>, nowUs: number) => void): void {
    this.#node.port.onmessage = (event: MessageEvent<Float32Array<ArrayBuffer>>) => take(event.data, performance.now() * 1000);
  }

  close(): void {
    this.#node.port.onmessage = null;
    void this.context.close();
  }
}
