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
  /** The source in words, with paths and endpoints, never its content. */
  readonly description: string;
  /** @throws DcsCredentialsError */
  readonly get: () => Promise<Credentials>;
  /** Says that the service refused what `get` gave: the next `get` reads the source anew. Never rejects. */
  readonly refresh: () => Promise<void>;
}
