/** Certificates for servers of tests. */
import { generateKeyPairSync, sign } from 'node:crypto';
import net from 'node:net';

/**
 * A self-signed certificate for one address or name, and so its own authority; built by hand so that no private
 * key lies in the repository.
 */
export function makeCertificate(name = '127.0.0.1'): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    const length =
      content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255];
    return Buffer.concat([Buffer.from([tag, ...length]), content]);
  };
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');
  const [sequence, integer, bits, octets, time] = [0x30, 0x02, 0x03, 0x04, 0x17];
  const [version, extensions, dnsName, ipAddress] = [0xa0, 0xa3, 0x82, 0x87];
  const algorithm = der(sequence, hex('06032b6570'));
  const validity = ['200101000000Z', '491231235959Z'].map((text) => der(time, Buffer.from(text)));
  const isAddress = net.isIP(name) !== 0;
  const bytes = isAddress ? Buffer.from(name.split('.').map(Number)) : Buffer.from(name);
  const names = der(sequence, der(isAddress ? ipAddress : dnsName, bytes));
  const subjectAltName = der(sequence, hex('0603551d11'), der(octets, names));
  const body = der(
    sequence,
    der(version, der(integer, hex('02'))),
    der(integer, hex('01')),
    algorithm,
    der(sequence),
    der(sequence, ...validity),
    der(sequence),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(extensions, der(sequence, subjectAltName)),
  );
  const signature = der(bits, hex('00'), sign(null, body, privateKey));
  const cert = der(sequence, body, algorithm, signature).toString('base64');
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
  };
}
