import fc from "fast-check";
import { expect, test } from "vitest";
import { applyMask } from "./mask.ts";

test("masking in pieces at any alignment is the XOR of RFC 6455 §5.3", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(7),
      fc.nat(400),
      (payload, key, misalignment, cut) => {
        const room = new Uint8Array(payload.length + misalignment + 8).fill(0xaa);
        const bytes = room.subarray(misalignment, misalignment + payload.length);
        bytes.set(payload);
        applyMask(bytes.subarray(0, cut), key);
        applyMask(bytes.subarray(cut), key, Math.min(cut, payload.length));
        expect(bytes).toEqual(payload.map((byte, i) => byte ^ (key[i % 4] ?? 0)));
        expect(room.subarray(misalignment + payload.length)).toEqual(new Uint8Array(8).fill(0xaa));
      },
    ),
  );
});
