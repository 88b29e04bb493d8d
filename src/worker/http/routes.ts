import type { Health } from '../health.js';
import type { Exposition } from '../metrics-exporter.js';

import type { HttpAnswer, HttpRoutes } from '../http.js';

/** The three paths of a worker: 200 when all is well, 503 with the reason otherwise. */
export function createRoutes(health: Health, scrape: () => Promise<Exposition>): HttpRoutes {
  return {
    '/healthz': () => {
      const liveness = health.liveness();
      return json(liveness.alive, liveness);
    },
    '/readyz': async () => {
      const readiness = await health.readiness();
      return json(readiness.ready, readiness);
    },
    '/metrics': async () => {
      const { contentType, text } = await scrape();
      return { status: 200, contentType, body: text };
    },
  };
}

function json(isWell: boolean, body: object): HttpAnswer {
  const contentType = 'application/json; charset=utf-8';
  return { status: isWell ? 200 : 503, contentType, body: `${JSON.stringify(body)}\n` };
}
