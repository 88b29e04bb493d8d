/** One HTTP attempt and what came of it; free of secrets. */
export interface Exchange {
  /** Name of the client's operation, such as `showInstance`. */
  readonly operation: string;
  readonly method: 'GET' | 'PUT';
  /** Path template, without ids. */
  readonly route: string;
  /** `null` when no response came. */
  readonly status: number | null;
  readonly requestId: string | null;
  readonly durationMs: number;
  /** The response's headers that tell something and hide nothing, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The response's body as text, without our secrets; `null` when none was read. */
  readonly body: string | null;
  /** The words of the error that the call ended with. */
  readonly error: string | null;
}
