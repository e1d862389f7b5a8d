// Node's ws (Debian's node-ws). /room/NAME joins, and each message goes to everybody in the room; /echo sends it back.
// The port comes as the argument; `deflate` behind it switches permessage-deflate on.
'use strict';
const { WebSocketServer, WebSocket } = require('ws');

const rooms = new Map();
const deflate = process.argv.slice(3).includes('deflate') && {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  threshold: 256,
};
const server = new WebSocketServer({
  host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096, perMessageDeflate: deflate,
});

server.on('connection', (socket, request) => {
  if (request.url === '/echo') {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    return;
  }
  const members = rooms.get(request.url) ?? new Set();
  rooms.set(request.url, members.add(socket));
  socket.on('close', () => members.delete(socket));
  socket.on('message', (data, isBinary) => {
    for (const member of members) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary: isBinary });
    }
  });
});
