/** A runtime of the SDK that says only what is wrong, its core included. */
import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';

/** Installs it, once per process. */
export function installQuietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: {
        forward: {},
        filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }),
      },
    },
  });
}
