/** Gathers what flows through into blocks of 20 ms and hands them to the page: left channel, then right. */
const BLOCK = 960;

class Capture extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK * 2);
  #filled = 0;

  process([input]) {
    const left = input[0];
    const right = input[1] ?? left;
    const length = left?.length ?? 128; // silence while nothing is connected
    for (let i = 0; i < length; i++) {
      this.#block[this.#filled] = left ? left[i] : 0;
      this.#block[BLOCK + this.#filled] = right ? right[i] : 0;
      if (++this.#filled === BLOCK) this.#hand();
    }
    return true;
  }

  #hand() {
    this.port.postMessage(this.#block, [this.#block.buffer]);
    this.#block = new Float32Array(BLOCK * 2);
    this.#filled = 0;
  }
}

registerProcessor("sluice-capture", Capture);
