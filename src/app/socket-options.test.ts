import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { boundKernelQueue } from "./socket-options.ts";

/** Writes until the kernel takes no more from a peer that reads nothing; gives what it took. */
async function takenByKernel(isBound: boolean): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  if (isBound) expect(boundKernelQueue(server)).toBe(true);
  const address = server.address();
  const client = connect(typeof address === "object" && address ? address.port : 0, "127.0.0.1");
  const [socket]: Socket[] = await once(server, "connection");
  client.pause();
  if (!socket) throw new Error("no connection");
  const piece = Buffer.alloc(16 * 1024);
  let taken = 0;
  for (let i = 0; i < 2000 && socket.writableLength === 0; i++) {
    socket.write(piece);
    taken += piece.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.destroy();
  client.destroy();
  server.close();
  return taken;
}

test.runIf(process.platform === "linux")(
  "a viewer that reads nothing is given a small part of what the kernel would take",
  async () => {
    const [free, bound] = [await takenByKernel(false), await takenByKernel(true)];
    expect(bound).toBeLessThan(free / 3);
  },
);
