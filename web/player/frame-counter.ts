/** Frames over all connections of a page; a media element counts from zero again with each source. */
export class FrameCounter {
  #decodedBefore = 0;
  #droppedBefore = 0;
  #decoded = 0;
  #dropped = 0;
  #fpsAtMs = Number.NaN;
  #fpsFrames = 0;
  #fps: number | null = null;

  get decoded(): number {
    return this.#decodedBefore + this.#decoded;
  }

  get dropped(): number {
    return this.#droppedBefore + this.#dropped;
  }

  /** Decoded frames per second over about the last second; null at the start. */
  get fps(): number | null {
    return this.#fps;
  }

  /** Takes the element's own counts. */
  read(nowMs: number, decoded: number, dropped: number): void {
    if (decoded < this.#decoded) this.#sourceChanged();
    this.#decoded = decoded;
    this.#dropped = dropped;
    if (Number.isNaN(this.#fpsAtMs)) {
      this.#fpsAtMs = nowMs;
      this.#fpsFrames = this.decoded;
    }
    const spanMs = nowMs - this.#fpsAtMs;
    if (spanMs < 1000) return;
    this.#fps = ((this.decoded - this.#fpsFrames) * 1000) / spanMs;
    this.#fpsAtMs = nowMs;
    this.#fpsFrames = this.decoded;
  }

  #sourceChanged(): void {
    this.#decodedBefore += this.#decoded;
    this.#droppedBefore += this.#dropped;
  }
}
