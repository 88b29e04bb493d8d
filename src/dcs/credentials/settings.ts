/** Where the credentials of a project are found: plain data, free of secrets. */
export type CredentialSettings = BaseCredentialSettings | AgencySettings;

/** The sources that stand on their own. */
export type BaseCredentialSettings =
  EnvironmentSettings | FilesSettings | ProfileSettings | IamTokenSettings | MetadataSettings;

/** `HUAWEICLOUD_SDK_AK/SK/SECURITY_TOKEN`, else `CLOUD_SDK_AK/SK`. */
export interface EnvironmentSettings {
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
