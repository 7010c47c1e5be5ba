// Changes captures.

const INTERFACE = 1;
const IF_NAME = 2;

/** The little-endian pcapng with all its interfaces called so. */
export function withInterface(capture, name) {
  const blocks = [];
  for (let at = 0; at < capture.length; at += capture.readUInt32LE(at + 4)) {
    const block = capture.subarray(at, at + capture.readUInt32LE(at + 4));
    blocks.push(block.readUInt32LE(0) === INTERFACE ? renamed(block, name) : block);
  }
  return Buffer.concat(blocks);
}

/** The block that describes an interface, with its other options. */
function renamed(block, name) {
  const parts = [block.subarray(8, 16), option(IF_NAME, Buffer.from(name))];
  for (let at = 16; at < block.length - 4;) {
    const [kind, length] = [block.readUInt16LE(at), block.readUInt16LE(at + 2)];
    const value = block.subarray(at + 4, at + 4 + length);
    if (kind !== IF_NAME) parts.push(option(kind, value));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const body = Buffer.concat(parts);
  const [kind, length] = [Buffer.alloc(4), Buffer.alloc(4)];
  kind.writeUInt32LE(INTERFACE);
  length.writeUInt32LE(body.length + 12);
  return Buffer.concat([kind, length, body, length]);
}

function option(kind, value) {
  const made = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  made.writeUInt16LE(kind, 0);
  made.writeUInt16LE(value.length, 2);
  value.copy(made, 4);
  return made;
}
