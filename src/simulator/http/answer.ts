import { STATUS_CODES } from 'node:http';

/** A response before it is sent. */
export interface SimulatedAnswer {
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
export function jsonAnswer(status: number, body: unknown): SimulatedAnswer {
  return { status, text: JSON.stringify(body), contentType: JSON_TYPE };
}

/** An answer with an error body of the given shape. */
export function errorAnswer(shape: ErrorShape, error: ErrorText): SimulatedAnswer {
  const { status } = error;
  const body = ERROR_BODIES[shape](error);
  if (typeof body !== 'string') return jsonAnswer(status, body);
  return { status, text: body, contentType: shape === 'html' ? 'text/html' : 'text/plain' };
}

/** Status, code and text of a documented error (DCS and API gateway, error codes). */
export interface ApiError {
  readonly status: number;
  readonly shape: ErrorShape;
  readonly code: string;
  readonly message: string;
}

const inShape =
  (shape: ErrorShape) =>
  (status: number, code: string, message: string): ApiError => ({ status, shape, code, message });

const dcs = inShape('dcs');
const gateway = inShape('gateway');
const iam = (status: number, message: string) => inShape('iam')(status, String(status), message);
const text = (status: number, message: string) => inShape('raw')(status, String(status), message);

/** Every error that the simulator answers by itself. Both spellings of codes occur, as in the service. */
export const API_ERRORS = {
  projectMismatch: dcs(401, 'DCS.1004', 'Project ID does not match the token.'),
  badInstanceId: dcs(400, 'DCS.4061', 'Invalid instance ID format.'),
  noSuchInstance: dcs(404, '111404022', 'This DCS instance does not exist.'),
  badJobId: dcs(400, 'DCS.4070', 'Invalid task ID format.'),
  noSuchJob: dcs(404, '111404001', 'The requested URL does not exist.'),
  badLimit: dcs(400, 'DCS.4800', 'Invalid limit in the request.'),
  badOffset: dcs(400, 'DCS.4800', 'Invalid offset in the request.'),
  badTags: dcs(400, 'DCS.4800', 'Invalid tags in the request.'),
  badStartTime: dcs(400, 'DCS.4800', 'Invalid start_time in the request.'),
  badEndTime: dcs(400, 'DCS.4800', 'Invalid end_time in the request.'),
  swapUnsupported: dcs(400, 'DCS.4855', 'Master standby swap is not supported.'),
  frozen: dcs(400, 'DCS.4120', 'the instance is Freezing.'),
  notRunning: dcs(400, 'DCS.4049', 'The instance status is not running.'),
  taskRunning: dcs(400, 'DCS.4017', 'This DCS instance job task is still running.'),
  noPromotableReplica: dcs(400, 'DCS.4253', 'All replicas have a priority of 0.'),
  wrongMethod: dcs(405, 'DCS.5001', 'This request method is not allowed.'),
  internal: dcs(500, 'DCS.5000', 'Internal service error.'),
  noSuchApi: gateway(
    404,
    'APIGW.0101',
    'The API does not exist or has not been published in the environment',
  ),
  badIamRequest: iam(400, 'Request body is invalid.'),
  badDuration: iam(400, 'duration_seconds must be between 900 and 86400.'),
  wrongPassword: iam(401, 'The username or password is wrong.'),
  wrongScope: iam(401, 'The project does not exist or cannot be accessed.'),
  noSuchAgency: iam(404, 'Could not find agency.'),
  wrongIdToken: iam(401, 'The ID token is invalid or has expired.'),
  noSuchProvider: iam(404, 'Could not find identity provider.'),
  badToken: iam(401, 'The token is invalid or has expired.'),
  badPodIdentityRequest: text(400, '400 Bad Request'),
  wrongServiceAccountToken: text(401, '401 Unauthorized\nThe service account token is not valid\n'),
  noMetadataTokens: text(404, '404 Not Found'),
  badMetadataToken: text(400, '400 Bad Request'),
  staleMetadataToken: text(401, '401 Unauthorized'),
  noAgency: text(401, '401 Unauthorized\nPlease configure Cloud Service Agency first\n'),
  bodyTooLarge: gateway(413, 'APIGW.0201', 'Request entity too large'),
} as const satisfies Record<string, ApiError>;

/** Thrown by a handler to answer with a documented error; never leaves the simulator. */
export class Refusal extends Error {
  constructor(readonly apiError: ApiError) {
    super(apiError.message);
    this.name = 'Refusal';
  }
}

/** Ends the call with the named error of {@link API_ERRORS}. */
export function refuse(name: keyof typeof API_ERRORS): never {
  throw new Refusal(API_ERRORS[name]);
}
