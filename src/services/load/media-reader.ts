/** Takes a media stream apart, however it is cut, and tells a tally. The bytes are not kept; what is wrong with them is counted, never thrown. */
export interface MediaReader {
  push(bytes: Uint8Array): void;
}
