// Divides the VPC's addresses. Plain arithmetic: knows no resource.

/** What a subnet is for: public ones have a way in from the internet, private ones at most a way out, isolated ones neither. */
export const KINDS = ['public', 'private', 'isolated'] as const;
export type Kind = (typeof KINDS)[number];

/** Of 16 equal parts each kind has four in a row, so that a further zone moves none of those that are there; four parts are nobody's yet. */
const PARTS_BITS = 4;
const PARTS_PER_KIND = 4;

/**
 * IPv4 networks of all subnets of a kind, one a zone, e.g. 10.42.64.0/20.
 * @param cidr of the VPC, /16 to /20
 * @throws RangeError when the address has bits beyond its prefix, or there are more zones than parts
 */
export function subnetCidrs(cidr: string, kind: Kind, zones: number): string[] {
  if (zones > PARTS_PER_KIND) throw new RangeError(`${zones} zones: ${PARTS_PER_KIND} at most.`);
  const { address, prefix } = readCidr(cidr);
  const sizeBits = 32 - prefix - PARTS_BITS;
  const first = KINDS.indexOf(kind) * PARTS_PER_KIND;
  return Array.from(
    { length: zones },
    (_, zone) => `${writeAddress(address + (first + zone) * 2 ** sizeBits)}/${32 - sizeBits}`,
  );
}

/** Whether it is the address of a network: no bits beyond the prefix. */
export function isAligned(cidr: string): boolean {
  try {
    readCidr(cidr);
    return true;
  } catch {
    return false;
  }
}

function readCidr(cidr: string): { address: number; prefix: number } {
  const [text = '', prefixText = ''] = cidr.split('/');
  const bytes = text.split('.').map(Number);
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const prefix = Number(prefixText);
  const isWhole =
    bytes.length === 4 && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  if (!isWhole || !(prefix >= 16 && prefix <= 20) || address % 2 ** (32 - prefix) !== 0)
    throw new RangeError(`${cidr}: not the address of a network of /16 to /20.`);
  return { address, prefix };
}

function writeAddress(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.');
}
