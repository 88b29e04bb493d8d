import { STATUS_CODES } from 'node:http';

/** A response before it is sent. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Error bodies a caller may meet: of API V2, V1.0, gateway, IAM and load balancer; `raw` is plain text. */
export const ERROR_SHAPES = ['dcs', 'nested', 'gateway', 'iam', 'html', 'raw'] as const;

/** Name of an error body's shape. */
export type ErrorShape = (typeof ERROR_SHAPES)[number];

/** What an error says, whatever its shape. */
export interface ErrorText {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

const JSON_TYPE = 'application/json;charset=UTF-8';

const ERROR_BODIES: Record<ErrorShape, (error: ErrorText) => unknown> = {
  dcs: ({ code, message }) => ({ error_code: code, error_msg: message, error_ext_msg: null }),
  nested: ({ code, message }) => ({ error: { code, message, ext_message: null } }),
  gateway: ({ code, message, requestId }) => ({
    error_msg: message,
    error_code: code,
    request_id: requestId,
  }),
  iam: ({ status, message }) => ({
    error: { code: status, message, title: STATUS_CODES[status] },
  }),
  html: ({ message }) => `<html><head><title>${message}</title></head><body></body></html>\n`,
  raw: ({ message }) => message,
};

/** An answer with a JSON body. */
export function jsonAnswer(status: number, body: unknown): Answer {
  return { status, text: JSON.stringify(body), contentType: JSON_TYPE };
}

/** An answer with an error body of the given shape. */
export function errorAnswer(shape: ErrorShape, error: ErrorText): Answer {
  const { status } = error;
  const body = ERROR_BODIES[shape](error);
  if (typeof body !== 'string') return jsonAnswer(status, body);
  return { status, text: body, contentType: shape === 'html' ? 'text/html' : 'text/plain' };
}
