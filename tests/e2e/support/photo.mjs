import { writeFile } from 'node:fs/promises';
import { crc32, deflateSync } from 'node:zlib';

/** Larger than the app keeps (1600 px), so that its own reduction is part of the test. */
const WIDTH = 2400;
const HEIGHT = 1800;

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** A page with lines of « writing » on it, in shades of grey, as a PNG. */
function paperPng(ink) {
  const rows = Buffer.alloc((WIDTH + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    const line = y % 90 > 60;
    for (let x = 0; x < WIDTH; x++) {
      const written = line && x > 200 && x < 2200 && (x * 7 + y) % 61 > 14;
      rows[y * (WIDTH + 1) + 1 + x] = written ? ink : 235 - ((x + y) >> 8);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header[8] = 8; // bits a sample; grey, no interlacing
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}

/** Writes the photo of a signed paper and gives its path: files go to a file input by path. Another ink, another photo. */
export async function writePhoto(path, ink = 40) {
  await writeFile(path, paperPng(ink));
  return path;
}
