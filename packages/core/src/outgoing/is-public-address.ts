// Which addresses belong to everybody's internet. What is not known to be public is not.
import ipaddr from 'ipaddr.js';

/** Azure's own server of each virtual machine: it looks like any public address. */
const AZURE_WIRE_SERVER = '168.63.129.16';

/**
 * True for global unicast alone. An IPv6 address that carries an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) is
 * none, whatever it carries: a gateway on the way may unwrap it.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv4') return address.toString() !== AZURE_WIRE_SERVER;
  // Global unicast is assigned from 2000::/3 alone (RFC 4291, 2.4; IANA's registry).
  return ((address.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}

/** @param networks addresses, with or without the length of a network's prefix: `10.0.0.0/8`, `::1` */
export function isInNetworks(text: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  return networks.some((network) => {
    const [base, length] = network.includes('/') ? ipaddr.parseCIDR(network) : single(network);
    return address.kind() === base.kind() && address.match(base, length);
  });
}

function single(network: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const base = ipaddr.parse(network);
  return [base, base.kind() === 'ipv4' ? 32 : 128];
}
