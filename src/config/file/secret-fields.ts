import type { Problems } from '../problems.js';

/** Names under which people write secrets, without case and separators, and what to do instead. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:ak|accesskey(?:id)?|hwaccesskey|sk|secret(?:access)?key|secret)$/,
    'name files in accessKeyFile and secretKeyFile, or set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK',
  ],
  [
    /^(?:securitytoken|sessiontoken)$/,
    'name a file in securityTokenFile, or set HUAWEICLOUD_SDK_SECURITY_TOKEN',
  ],
  [/^(?:password|passwd|pwd|iampassword)$/, 'name a file in passwordFile'],
  [/^(?:token|authtoken|xauthtoken|apikey|privatekey)$/, 'use a credential source instead'],
];

/** Looks for secrets at any depth; what stands there is never repeated. */
export function findSecretFields(
  value: unknown,
  problems: Problems,
  whereOf: (path: readonly PropertyKey[]) => string,
  path: readonly PropertyKey[] = [],
): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(name) : name];
    const remedy = Array.isArray(value) ? null : secretRemedy(name);
    if (remedy === null) findSecretFields(inner, problems, whereOf, here);
    else problems.add(whereOf(here), `would be a secret in a file that is no secret: ${remedy}`);
  }
}

/** What to do instead of a field of this name; `null` when the name is not one of a secret. */
export function secretRemedy(name: string): string | null {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return REMEDIES.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
}
