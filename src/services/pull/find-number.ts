const AMF0_NUMBER = 0;
const NUMBER_BYTES = 8;

/**
 * Where the value of a property lies in AMF0 bytes when it is a number: behind the property's 16-bit length, its name and the marker of
 * numbers. Undefined when there is none. AMF0 §2.2, §2.5.
 */
export function findNumber(amf0: Uint8Array, name: string): number | undefined {
  const key = Buffer.from([name.length >> 8, name.length & 0xff, ...Buffer.from(name, "latin1"), AMF0_NUMBER]);
  const at = Buffer.from(amf0.buffer, amf0.byteOffset, amf0.length).indexOf(key);
  const value = at + key.length;
  return at < 0 || value + NUMBER_BYTES > amf0.length ? undefined : value;
}
