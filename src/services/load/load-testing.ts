import { createServer, type Socket } from "node:net";

const FLV_HEADER = Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);
/** A video tag with a key frame of 100 bytes, and its PreviousTagSize. */
const KEY_FRAME = Uint8Array.of(9, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0x17, 1, ...new Uint8Array(98), 0, 0, 0, 111);
const FRAME_EVERY_MS = 20;

/** A server for tests of those who load servers. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
}

/** Does `serve` with each connection once its request is there. */
export async function listen(serve: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => serve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/live/s.flv`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with endless FLV: a small key frame every 20 ms. */
export function serveFlv(socket: Socket): void {
  socket.write("HTTP/1.1 200 OK\r\n\r\n");
  socket.write(FLV_HEADER);
  const timer = setInterval(() => socket.write(KEY_FRAME), FRAME_EVERY_MS);
  socket.on("close", () => clearInterval(timer));
}
