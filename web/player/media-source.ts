/** `MediaSource`, or what Apple's phones have instead of it; null where there is neither. */
function mediaSourceClass(): typeof MediaSource | null {
  if ("ManagedMediaSource" in globalThis) return Reflect.get(globalThis, "ManagedMediaSource") as typeof MediaSource;
  return globalThis.MediaSource ?? null;
}

/** True when Media Source Extensions take the type; also where there are none, for a native player must find out itself. */
export function isTypeSupported(mimeType: string): boolean {
  return mediaSourceClass()?.isTypeSupported(mimeType) ?? true;
}
