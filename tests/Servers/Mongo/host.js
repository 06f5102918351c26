'use strict';
// Serves MongoDB's engine on a TCP port of loopback: host.js DATA PORT PACKAGE. Cuts the stream into messages, hands each to the engine, frames what it answers. Ends with standard input.
const net = require('node:net');
const [data, port, module_] = process.argv.slice(2);
const { Engine } = require(module_);

// The answer to OP_MSG is an OP_MSG of one section; to the OP_QUERY of a first handshake it is an OP_REPLY with one document.
function frame(answer, id) {
  const header = Buffer.alloc(answer.legacy ? 36 : 21);
  header.writeInt32LE(header.length + answer.response.length, 0);
  header.writeInt32LE(id, 4);
  header.writeInt32LE(answer.requestId, 8);
  header.writeInt32LE(answer.legacy ? 1 : 2013, 12);
  if (answer.legacy) header.writeInt32LE(1, 32);
  return Buffer.concat([header, answer.response]);
}

function serve(engine, socket) {
  let chunks = [], length = 0, queue = Promise.resolve(), replies = 0;
  const answer = async (message) => {
    const reply = await engine.roundTrip(message);
    if (!reply.moreToCome && !socket.destroyed) socket.write(frame(reply, ++replies));
  };
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    for (;;) {
      if (length >= 4 && chunks[0].length < 4) chunks = [Buffer.concat(chunks)];
      const wanted = length < 4 ? Infinity : chunks[0].readInt32LE(0);
      if (wanted < 16) return socket.destroy();
      if (length < wanted) return;
      const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      chunks = all.length === wanted ? [] : [all.subarray(wanted)];
      length -= wanted;
      const message = all.subarray(0, wanted);
      queue = queue.then(() => answer(message)).catch(() => socket.destroy());
    }
  });
}

(async () => {
  const engine = await Engine.open(data);
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(engine, socket);
  });
  server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
  process.stdin.resume();
  process.stdin.on('end', async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await engine.close();
    process.exit(0);
  });
})();
