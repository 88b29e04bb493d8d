import { IAM_HANDLERS } from '../identity/handlers.js';
import { METADATA_HANDLERS } from '../identity/metadata-handlers.js';
import { STS_HANDLERS } from '../identity/sts-handlers.js';
import type { Handler } from '../service/handler.js';
import { DCS_HANDLERS } from '../service/handlers.js';
import type { ServedRoute } from './routes.js';

/** What carries each operation out. */
export const HANDLERS: Record<ServedRoute, Handler> = {
  ...DCS_HANDLERS,
  ...IAM_HANDLERS,
  ...METADATA_HANDLERS,
  ...STS_HANDLERS,
};
