import { DcsCredentialsError } from '../errors.js';

/** What a request is authenticated with. */
export type Credentials =
  | {
      /** Signs the request; permanent, or temporary with its security token. */
      readonly kind: 'access-key';
      readonly accessKey: string;
      readonly secretKey: string;
      /** Belongs to temporary keys. */
      readonly securityToken: string | null;
    }
  | {
      /** A project-scoped IAM token, sent as `X-Auth-Token`; the request is not signed. */
      readonly kind: 'token';
      readonly token: string;
    };

/** The kind that signs. */
export type AccessKey = Extract<Credentials, { readonly kind: 'access-key' }>;

/** Where credentials come from. */
export interface CredentialSource {
  /** The source as text, with paths and endpoints, never its content. */
  readonly description: string;
  /** @throws DcsCredentialsError */
  readonly get: () => Promise<Credentials>;
  /** Says that the service refused what `get` gave: the next `get` reads the source again. Never rejects. */
  readonly refresh: () => Promise<void>;
}

/** Where the credentials of a project are found: plain data, free of secrets. */
export type CredentialSettings = BaseCredentialSettings | AgencySettings;

/** The sources that stand on their own. */
type BaseCredentialSettings =
  EnvironmentSettings | FilesSettings | ProfileSettings | IamTokenSettings | MetadataSettings;

/** `HUAWEICLOUD_SDK_AK/SK/SECURITY_TOKEN`, else `CLOUD_SDK_AK/SK`. */
interface EnvironmentSettings {
  readonly source: 'environment';
}

/** One file per value, read at each use; a mounted secret may be rotated under the worker. */
export interface FilesSettings {
  readonly source: 'files';
  readonly accessKeyFile: string;
  readonly secretKeyFile: string;
  readonly securityTokenFile: string | null;
}

/** A section of an INI file with `ak`, `sk` and `security_token`, as the vendor's SDKs read it. */
export interface ProfileSettings {
  readonly source: 'profile';
  /** Such as `~/.huaweicloud/credentials`; a leading `~/` is the home directory. */
  readonly file: string;
  /** Such as `basic`. */
  readonly section: string;
}

/** A project-scoped IAM token, obtained by user and password. */
export interface IamTokenSettings {
  readonly source: 'iam-token';
  /** Origin of IAM: https, or http on loopback. */
  readonly iamEndpoint: string;
  readonly userName: string;
  readonly domainName: string;
  /** `null`: the variable `DCS_IAM_PASSWORD`. */
  readonly passwordFile: string | null;
  readonly projectId: string;
}

/** A temporary key of the agency that the server itself carries, from its metadata service. */
export interface MetadataSettings {
  readonly source: 'metadata';
  /** `http://169.254.169.254`, or http on loopback. */
  readonly endpoint: string;
}

/** A temporary key for the agency of another (or the same) account, taken on with a base credential. */
export interface AgencySettings {
  readonly source: 'agency';
  readonly base: BaseCredentialSettings;
  readonly agencyName: string;
  /** Name of the account that created the agency. */
  readonly domainName: string;
  /** Origin of IAM: https, or http on loopback. */
  readonly iamEndpoint: string;
  /** Lifetime of a temporary key, 900 to 86400. */
  readonly durationSeconds: number;
}

/** What may stand in a header; keys and tokens consist of it. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * A key or token without the blanks around it: pasted and mounted ones often end in a line break, which
 * would be signed. `null` when nothing is left.
 *
 * @param name what holds the value, for the error; the value itself is never reported
 * @throws DcsCredentialsError when a character is left that no key has
 */
export function toSecretValue(name: string, value: unknown): string | null {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  if (trimmed === '') return null;
  if (!PRINTABLE.test(trimmed))
    throw new DcsCredentialsError(
      `${name} holds blanks, line breaks or other characters that no key or token has: it must hold the value alone.`,
    );
  return trimmed;
}

/** The same, where there has to be something. @throws DcsCredentialsError also when nothing is there */
export function requireSecretValue(name: string, value: unknown): string {
  const known = toSecretValue(name, value);
  if (known === null) throw new DcsCredentialsError(`${name} is empty or missing.`);
  return known;
}
