/** Entries of `projects[].dataPlane`: how Redis behind the instances is reached. */
import { isIP } from 'node:net';
import path from 'node:path';

import { z } from 'zod';

import { LOGIN_STYLES, parseNetwork } from '../data-plane/index.js';
import type { DataPlaneSettings } from '../data-plane/index.js';

import { checkPath } from './credentials.js';
import { rule, text, toRule } from './instance-rule.js';
import type { Problems } from './problems.js';

const MAX_NETWORKS = 100;

const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([\w.-]{1,253})):(\d{1,5})$/;

/** `host:port` or `[IPv6 address]:port` in its parts; `null` for anything else. */
function parseAddress(value: string): DataPlaneSettings['address'] {
  const [, ipv6, host = ipv6, digits] = HOST_AND_PORT.exec(value) ?? [];
  const port = Number(digits);
  const isHost = host !== undefined && (ipv6 === undefined || isIP(ipv6) === 6);
  return isHost && port > 0 && port < 65_536 ? { host, port } : null;
}

/** One entry. */
export const dataPlaneEntry = z
  .strictObject({
    match: rule,
    usernameFile: text.nullable().default(null),
    passwordFile: text.nullable().default(null),
    login: z
      .enum(LOGIN_STYLES, `must be ${LOGIN_STYLES.join(' or ')}`)
      .default('password-argument'),
    tls: z
      .strictObject({ caFile: text, serverName: text.nullable().default(null) })
      .nullable()
      .default(null),
    address: text
      .refine(
        (value) => parseAddress(value) !== null,
        'is not host:port, or [IPv6 address]:port in quotes',
      )
      .nullable()
      .default(null),
    allowedNetworks: z
      .array(text.refine((value) => parseNetwork(value) !== null, 'is no network like 10.0.0.0/8'))
      .max(MAX_NETWORKS)
      .optional(),
    measure: z
      .strictObject({
        periodMs: z.int().min(20).max(100).default(50),
        write: z.boolean().default(true),
      })
      .prefault({}),
  })
  .refine(({ usernameFile, passwordFile }) => usernameFile === null || passwordFile !== null, {
    path: ['passwordFile'],
    message: 'is missing beside usernameFile',
  })
  .refine(({ address, match }) => address === null || match.instanceId !== undefined, {
    path: ['address'],
    message: 'leads to one instance: match has to name it by instanceId',
  });

/** An entry with its paths resolved. A path that may be a secret is added to the problems. */
export function toDataPlane(
  {
    match,
    usernameFile,
    passwordFile,
    tls,
    address,
    allowedNetworks,
    ...given
  }: z.output<typeof dataPlaneEntry>,
  where: string,
  { folder, problems }: { readonly folder: string; readonly problems: Problems },
): DataPlaneSettings {
  const inFolder = (field: string, file: string): string =>
    checkPath({ where: `${where}.${field}`, value: file }, path.resolve(folder, file), problems);
  const maybeInFolder = (field: string, file: string | null): string | null =>
    file === null ? null : inFolder(field, file);
  return {
    ...given,
    match: toRule(match),
    usernameFile: maybeInFolder('usernameFile', usernameFile),
    passwordFile: maybeInFolder('passwordFile', passwordFile),
    tls: tls === null ? null : { ...tls, caFile: inFolder('tls.caFile', tls.caFile) },
    address: address === null ? null : parseAddress(address),
    allowedNetworks: allowedNetworks ?? null,
  };
}
