import { ParserDriver } from "../../bytes/parser.ts";
import { flvStream, MAX_FLV_TAG_BYTES } from "../../containers/flv/flv-parser.ts";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";

/** The tags in FLV bytes that arrive in pieces nobody writes into again, which tags are views of. What follows the last whole tag is left out. */
export async function* readFlvTags(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<FlvTag, void, undefined> {
  let tags: FlvTag[] = [];
  const grammar = flvStream((tag) => tags.push(tag));
  const driver = new ParserDriver(grammar, { format: "flv", maxAskBytes: MAX_FLV_TAG_BYTES });
  for await (const piece of pieces) {
    driver.push(piece);
    const whole = tags;
    tags = [];
    yield* whole;
  }
}
