/** Mapped IPv4, as a WHATWG URL writes it: `::ffff:c0a8:1` for 192.168.0.1. */
const MAPPED_IPV4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * One way of writing an address: without port, brackets and zone, IPv6 in its short lower-case form, a
 * mapped IPv4 as IPv4. What is no address stays as it is. For people who compare two readings; an
 * address never decides which node is which, because a promoted node may take the master's.
 */
export function normaliseAddress(address: string): string {
  const text = address.trim().toLowerCase();
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? withoutPort(text);
  return bare.includes(':') ? shortIpv6(bare.replace(/%.*$/, '')) : bare;
}

/** Only one colon: what follows it is a port. More of them make an IPv6 address. */
function withoutPort(text: string): string {
  return /^([^:]*):\d+$/.exec(text)?.[1] ?? text;
}

function shortIpv6(address: string): string {
  if (!URL.canParse(`http://[${address}]`)) return address;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED_IPV4.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const bytes = [high, low].flatMap((part) => {
    const value = Number.parseInt(part, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}
