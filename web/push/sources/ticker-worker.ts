/** Ticks in a worker: timers of a page are slowed down to one a second when it is hidden, those of its workers are not. */
let timer: ReturnType<typeof setInterval> | undefined;

self.onmessage = (event: MessageEvent<number>) => {
  clearInterval(timer);
  timer = setInterval(() => self.postMessage(null), event.data);
};
