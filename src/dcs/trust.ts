import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

import { DcsConfigurationError } from './errors/dcs-configuration-error.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Whom TLS connections trust: the authorities of the PEM text besides the built-in ones. Built once,
 * because reading all of them takes milliseconds. `undefined` leaves the platform's default.
 *
 * @param pem `null`: nobody else
 * @throws DcsConfigurationError when the text holds no usable certificate
 */
export function trustedContext(pem: string | null): tls.SecureContext | undefined {
  if (pem === null) return undefined;
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0 || !certificates.every(isReadable))
    throw new DcsConfigurationError('ca', 'holds no certificate, or one that cannot be read');
  return tls.createSecureContext({ ca: [...tls.rootCertificates, ...certificates] });
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0;
  } catch {
    return false;
  }
}
