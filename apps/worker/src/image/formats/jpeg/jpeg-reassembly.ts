// Blocks that are too large for one JPEG segment, put together again: ICC profiles, extended XMP, JUMBF boxes.
import { Bytes, bufferOf } from '../../bytes.ts';
import { isManifestStore } from '../tag-blocks.ts';

const MAX_EXTENDED_XMP_BYTES = 16 * 1024 * 1024;

/** Parts one behind another; a single part is the same memory. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

const PROFILE_CHUNK_HEADER_BYTES = 2;

/**
 * Chunks of "ICC_PROFILE": number, count, bytes (ICC.1:2022, B.4). The count is often wrong and not needed; chunks that all have
 * the same number are taken in the order of the file.
 */
export function joinProfile(chunks: readonly Uint8Array[]): Uint8Array | undefined {
  const numbered = chunks.filter(({ length }) => length > PROFILE_CHUNK_HEADER_BYTES);
  const byNumber = new Map<number, Uint8Array>();
  for (const chunk of numbered) {
    const number = chunk[0] ?? 0;
    if (!byNumber.has(number)) byNumber.set(number, chunk);
  }
  const sorted = [...byNumber].sort(([left], [right]) => left - right).map(([, chunk]) => chunk);
  const profile = withoutChunkHeaders(sorted);
  const isWhole = profile.length >= 4 && new Bytes(profile).u32(0) <= profile.length;
  const all = isWhole || sorted.length === numbered.length ? profile : withoutChunkHeaders(numbered);
  return all.length === 0 ? undefined : all;
}

function withoutChunkHeaders(chunks: readonly Uint8Array[]): Uint8Array {
  return joined(chunks.map((chunk) => chunk.subarray(PROFILE_CHUNK_HEADER_BYTES)));
}

const GUID_CHARACTERS = 32;
const EXTENDED_HEADER_BYTES = GUID_CHARACTERS + 8;

/** Which extension belongs to a packet: an MD5 sum, as digits. */
const GUID = /HasExtendedXMP\W{1,8}([0-9A-F]{32})/i;
const GUID_NAME = 'HasExtendedXMP';
const MAX_GUID_DISTANCE = 16;

function extensionOf(packet: Uint8Array): string | undefined {
  const buffer = bufferOf(packet);
  const at = buffer.indexOf(GUID_NAME);
  if (at < 0) return undefined;
  const end = at + GUID_NAME.length + MAX_GUID_DISTANCE + GUID_CHARACTERS;
  return GUID.exec(buffer.toString('latin1', at, end))?.[1]?.toUpperCase();
}

/**
 * Portions of extended XMP: GUID, full length, offset, bytes (XMP specification part 3, 1.1.3.1). Only the extension that a main
 * packet names counts; undefined when portions of it are missing.
 */
export function joinExtendedXmp(
  packets: readonly Uint8Array[],
  portions: readonly Uint8Array[],
): Uint8Array | undefined {
  const guid = packets.map(extensionOf).find((each) => each !== undefined);
  const mine = portions
    .filter(({ length }) => length > EXTENDED_HEADER_BYTES)
    .map((portion) => new Bytes(portion))
    .filter((portion) => portion.latin1(0, GUID_CHARACTERS).toUpperCase() === guid)
    .map((portion) => ({
      fullLength: portion.u32(GUID_CHARACTERS),
      offset: portion.u32(GUID_CHARACTERS + 4),
      bytes: portion.all.subarray(EXTENDED_HEADER_BYTES),
    }))
    .sort((left, right) => left.offset - right.offset);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { offset, bytes } of mine) {
    if (offset > at) return undefined;
    // Portions may come twice, or overlap.
    if (offset + bytes.length > at) parts.push(bytes.subarray(at - offset));
    at = Math.max(at, offset + bytes.length);
  }
  const fullLength = mine[0]?.fullLength ?? 0;
  if (fullLength === 0 || at < fullLength || fullLength > MAX_EXTENDED_XMP_BYTES) return undefined;
  return joined(parts).subarray(0, fullLength);
}

const PACKET_HEADER_BYTES = 8;
const BOX_HEADER_BYTES = 8;
/** A box of more than 4 GiB has its length in 8 further bytes, and says 1 where the length was. */
const LARGE_BOX_HEADER_BYTES = 16;

/**
 * JUMBF boxes in APP11 (ISO/IEC 19566-5, D.2): "JP", box instance, packet number, then the box's header, which each packet repeats.
 * Returns the first that is a C2PA manifest store (C2PA 2.1, 11.1.4 and A.3.1).
 */
export function joinManifestStore(packets: readonly Uint8Array[]): Uint8Array | undefined {
  const instances = new Map<number, { number: number; box: Uint8Array }[]>();
  for (const packet of packets) {
    const bytes = new Bytes(packet);
    if (!bytes.is('JP') || !bytes.is('jumb', PACKET_HEADER_BYTES + 4)) continue;
    const instance = bytes.u16(2);
    const siblings = instances.get(instance) ?? [];
    instances.set(instance, siblings);
    siblings.push({ number: bytes.u32(4), box: packet.subarray(PACKET_HEADER_BYTES) });
  }
  for (const siblings of instances.values()) {
    const [first, ...rest] = siblings.sort((left, right) => left.number - right.number).map(({ box }) => box);
    if (first === undefined) continue;
    const header = boxHeaderBytes(new Bytes(first));
    if (isManifestStore(new Bytes(first), header))
      return joined([first, ...rest.map((box) => box.subarray(header))]);
  }
  return undefined;
}

function boxHeaderBytes(box: Bytes): number {
  return box.u32(0) === 1 ? LARGE_BOX_HEADER_BYTES : BOX_HEADER_BYTES;
}
